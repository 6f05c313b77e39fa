// `augur-bench NAME` prints one group of measurements; `scripts/bench cnn` and `pmml` build and run it.

let names = "json, image, cnn, pmml, pmml-check"

switch CommandLine.arguments.dropFirst().first {
case "json": benchmarkJSON()
case "image": benchmarkImage()
case "cnn": benchmarkNetwork(Array(CommandLine.arguments.dropFirst(2)))
case "pmml-check": checkEvaluators(Array(CommandLine.arguments.dropFirst(2)))
case "pmml": benchmarkEvaluator(Array(CommandLine.arguments.dropFirst(2)))
default: print("usage: augur-bench NAME, one of: \(names)")
}
