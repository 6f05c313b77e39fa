// `augur-bench NAME` prints one group of measurements; `scripts/bench` builds and runs it.

let names = "json, image"

switch CommandLine.arguments.dropFirst().first {
case "json": benchmarkJSON()
case "image": benchmarkImage()
default: print("usage: augur-bench NAME, one of: \(names)")
}
