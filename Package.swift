// swift-tools-version: 6.2
import Foundation
import PackageDescription

// One table: a target, and the only modules it may import (`TidyTests` holds the code to it).
// Lowest first; a target may name only targets above it.
let table: [(name: String, imports: [String], products: [Target.Dependency])] = [
    ("Tensors", [], []),
    ("Kernels", ["Tensors", "CKernels", "COpenBLAS"], []),
    ("JSON", ["CSimdjson"], []),
    ("Imaging", ["CImaging", "CTurboJPEG", "CSpng"], []),
    ("PMML", ["CXML2", "CScoring"], []),
    ("ONNX", ["Tensors", "Kernels", "CKernels"], []),
    ("Batching", [], []),
    ("Telemetry", [], [.product(name: "Logging", package: "swift-log")]),
    ("Registry", ["CProcess", "COpenSSL"], []),
    (
        "Serving",
        ["Tensors", "Imaging", "PMML", "ONNX", "Batching", "Registry", "Telemetry", "CProcess"],
        [.product(name: "Yams", package: "Yams"), .product(name: "Logging", package: "swift-log")]
    ),
    ("Conformance", ["Tensors", "JSON", "PMML", "ONNX", "Imaging", "Serving"], []),
    ("HTTP1", [], []),
    ("EventLoop", ["CPlatform"], []),
    ("HTTPServer", ["EventLoop", "HTTP1", "CZlib"], []),
    (
        "HTTPAPI",
        [
            "Serving", "HTTPServer", "HTTP1", "JSON", "PMML", "ONNX", "Tensors", "Imaging", "Batching",
            "Telemetry",
        ],
        [.product(name: "Logging", package: "swift-log")]
    ),
]

/// C and C++ homes: our kernels, and shims where a library's own header cannot be imported.
let cTargets: [Target] = [
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-Werror"])]),
    .target(name: "CImaging", cSettings: [.unsafeFlags(["-O3", "-Werror"])]),
    .target(name: "CScoring", cSettings: [.unsafeFlags(["-O3", "-Werror"])]),
    .target(name: "CPlatform"),
    .target(name: "CProcess"),
    .target(
        name: "CSimdjson", cxxSettings: [.unsafeFlags(["-O3", "-DNDEBUG", "-Werror"])],
        linkerSettings: [.linkedLibrary("simdjson")]),
]

let systemLibraries: [Target] = [
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-serial-dev"])]),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CSpng", pkgConfig: "spng", providers: [.apt(["libspng-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

/// For a quick turn on a part: `AUGUR_ONLY=JSON,Imaging` keeps those targets and what they
/// import.
let only = Context.environment["AUGUR_ONLY"].map { Set($0.split(separator: ",").map(String.init)) }
func kept(_ name: String) -> Bool { only?.contains(name) ?? true }

let libraries: [Target] = table.map { row in
    .target(
        name: row.name, dependencies: row.imports.map { .init(stringLiteral: $0) } + row.products,
        resources: row.name == "HTTPAPI" ? [.embedInCode("openapi.yaml")] : nil,
        swiftSettings: strict)
}
/// Files that a test reads by path, beside its sources; the build leaves them alone.
func fixtures(_ name: String) -> [String] {
    let folder = "\(Context.packageDirectory)/Tests/\(name)Tests/Fixtures"
    return FileManager.default.fileExists(atPath: folder) ? ["Fixtures"] : []
}
let tests: [Target] = table.filter { kept($0.name) }.map { row in
    .testTarget(
        name: "\(row.name)Tests",
        dependencies: [.init(stringLiteral: row.name)] + row.imports.map { .init(stringLiteral: $0) }
            + row.products
            // openapi.yaml is read to be replayed.
            + (row.name == "HTTPAPI" ? [.product(name: "Yams", package: "Yams")] : []),
        exclude: fixtures(row.name), swiftSettings: strict)
}
let kernelTests: [Target] =
    kept("CKernels")
    ? [.testTarget(name: "CKernelsTests", dependencies: ["CKernels"], swiftSettings: strict)] : []
let commandLineTests: [Target] =
    kept("augur")
    ? [.testTarget(name: "augurTests", dependencies: ["augur"], swiftSettings: strict)] : []
/// Holds the sources to the house rules; depends on none of them.
let tidy = Target.testTarget(name: "TidyTests", swiftSettings: strict)
let augur = Target.executableTarget(
    name: "augur",
    dependencies: table.map { .init(stringLiteral: $0.name) } + [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
    ],
    swiftSettings: strict)

/// Measurements that need `package` access; `scripts/bench` runs them.
let bench = Target.executableTarget(
    name: "augur-bench", dependencies: ["JSON", "Imaging", "ONNX", "PMML", "Tensors", "CKernels"],
    path: "Benchmarks/augur-bench", swiftSettings: strict)

/// With `AUGUR_FUZZ=1`, a program `fuzz-NAME` for each folder `Fuzz/NAME`; it may import any target of the
/// table.
let fuzzers: [Target] = Context.environment["AUGUR_FUZZ"] == nil ? [] : fuzzTargets()
func fuzzTargets() -> [Target] {
    let folder = "\(Context.packageDirectory)/Fuzz"
    func files(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
    func source(_ name: String) -> String {
        files("\(folder)/\(name)").compactMap {
            try? String(contentsOfFile: "\(folder)/\(name)/\($0)", encoding: .utf8)
        }
        .joined()
    }
    let programs: [Target] = files(folder).filter { $0.lowercased() == $0 }.map { name in
        let source = source(name)
        let imported = table.map(\.name).filter { source.contains("import \($0)\n") }
        return .executableTarget(
            name: "fuzz-\(name)", dependencies: ["Fuzzing"] + imported.map { .init(stringLiteral: $0) },
            path: "Fuzz/\(name)", swiftSettings: strict)
    }
    return programs + [
        .target(name: "CLibFuzzer", path: "Fuzz/CLibFuzzer"),
        .target(name: "Fuzzing", dependencies: ["CLibFuzzer"], path: "Fuzz/Fuzzing", swiftSettings: strict),
    ]
}

let package = Package(
    name: "augur",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: systemLibraries + cTargets + libraries + tests + kernelTests
        + (kept("Tidy") ? [tidy] : []) + (kept("augur") ? [augur] : []) + commandLineTests
        + (kept("bench") ? [bench] : [])
        + fuzzers,
    cLanguageStandard: .gnu11,
    cxxLanguageStandard: .cxx17
)
