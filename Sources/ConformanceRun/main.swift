import Conformance
import Glibc

let directory = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "../shared/onnx"
let count = runONNXConformance(directory: directory) { print($0) }
exit(count.failed == 0 ? 0 : 1)
