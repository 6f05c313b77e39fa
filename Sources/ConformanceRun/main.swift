import Conformance
import Glibc

// ConformanceRun onnx|pmml DIR
let arguments = CommandLine.arguments
let corpus = arguments.count > 2 ? arguments[1] : "onnx"
let directory = arguments.last.flatMap { arguments.count > 1 ? $0 : nil } ?? "../shared/onnx"
let failed =
    corpus == "pmml"
    ? runPMMLConformance(directory: directory) { print($0) }.cases.failed
    : runONNXConformance(directory: directory) { print($0) }.failed
exit(failed == 0 ? 0 : 1)
