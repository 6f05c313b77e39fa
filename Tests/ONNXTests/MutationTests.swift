import Glibc
import ONNX
import Tensors
import Testing

/// A model of several operator families, to be mutated.
private let seeds: [[UInt8]] = [
    model(
        graph(
            nodes: [
                node("Conv", ["x", "w"], ["c"], attributes: [integersAttribute("pads", [1, 1, 1, 1])]),
                node("MaxPool", ["c"], ["p"], attributes: [integersAttribute("kernel_shape", [2, 2])]),
                node("Relu", ["p"], ["r"]), node("Flatten", ["r"], ["f"]), node("Softmax", ["f"], ["y"]),
            ], initializers: [floatTensor("w", [2, 1, 3, 3], [Float](repeating: 0.5, count: 18))],
            inputs: [port("x", [1, 1, 4, 4])], outputs: [port("y", [1, 18])])),
    model(
        graph(
            nodes: [
                node("Transpose", ["x"], ["t"], attributes: [integersAttribute("perm", [1, 0])]),
                node("MatMul", ["x", "t"], ["m"]), node("ReduceMean", ["m"], ["y"]),
            ], inputs: [port("x", [2, 3])], outputs: [port("y", [1, 1])])),
]

/// Mutations of each seed: 300, or as many as `AUGUR_MUTATIONS` says, then also of the files in
/// `AUGUR_MUTATED`.
@Test func `Mutated models are refused or run, and never end the process`() throws {
    let wanted = getenv("AUGUR_MUTATIONS").flatMap { Int(String(cString: $0)) } ?? 300
    var files = seeds
    if let list = getenv("AUGUR_MUTATED") {
        for path in String(cString: list).split(separator: ":") { files.append(bytes(ofFile: String(path))) }
    }
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(bound, 1)
    }
    var (refused, ran) = (0, 0)
    for seed in files where !seed.isEmpty {
        for _ in 0..<wanted {
            var mutated = seed
            for _ in 0...random(4) {
                let place = random(mutated.count)
                switch random(3) {
                case 0: mutated[place] = UInt8(random(256))
                case 1: mutated[place] ^= 1 << UInt8(random(8))
                default: mutated[place] = [0, 1, 0x7F, 0x80, 0xFF][random(5)]
                }
            }
            do {
                try load(mutated)
                ran += 1
            } catch {
                refused += 1
            }
        }
    }
    #expect(refused > 0 && ran > 0)
}

private func load(_ bytes: [UInt8]) throws {
    var limits = NetworkLimits()
    limits.memoryBytesMax = 64 << 20
    limits.operationsMax = 1 << 24
    limits.iterationsMax = 64
    let network = try Network.load(bytes: bytes, limits: limits)
    var inputs: [String: Tensor] = [:]
    for port in network.inputs {
        let dims = port.dims.map { dimension in
            switch dimension {
            case .fixed(let size): size
            case .symbolic: 2
            }
        }
        let shape = try Shape(checking: dims, elementsMax: 1 << 16)
        let values = (0..<shape.elementCount).map { Float($0 % 11) - 3 }
        inputs[port.name] = try Tensor(shape: shape, floats: values).cast(to: port.elementType)
    }
    _ = try network.run(inputs)
}

private func bytes(ofFile path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
}
