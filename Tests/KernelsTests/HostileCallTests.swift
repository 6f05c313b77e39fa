import Kernels
import Tensors
import Testing

/// Calls of every operator with inputs and attributes that no operator was made for; `scripts/fuzz operators`
/// looks further.
@Suite struct HostileCallTests {
    @Test(arguments: referenceOperatorNames.sorted { $0.key < $1.key }.map(\.key))
    func `Every operator answers or refuses whatever it is given, and stays inside its tensors`(
        domain: String
    ) throws {
        var generator = Numbers(state: 42)
        var (answered, refused) = (0, 0)
        for name in referenceOperatorNames[domain] ?? [] {
            let operation = try #require(referenceOperator(name, domain: domain))
            for _ in 0..<30 {
                let call = try generator.call()
                do throws(KernelError) {
                    let results = try operation(call)
                    answered += 1
                    for result in results where result.elementType != .string {
                        #expect(result.converted(to: Double.self).count == result.count, "\(name)")
                    }
                } catch {
                    refused += 1
                    #expect(error != .wrongIndex, "\(name)")
                }
            }
        }
        // The one operator of com.microsoft takes text, which these calls do not have.
        #expect(refused > 0 && (answered > 0 || domain == "com.microsoft"))
    }
}

/// Numbers that look random and are the same every time, and what can be made of them.
private struct Numbers {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    mutating func integer() -> Int64 {
        below(12) == 0 ? [.max, .min, 1 << 32, -1][below(4)] : Int64(below(7)) - 2
    }

    mutating func tensor() throws -> Tensor {
        let types: [ElementType] = [.float32, .float32, .int64, .float64, .uint8, .bool, .float16, .string]
        let shape = Shape((0..<below(5)).map { _ in [0, 1, 2, 3, 4][below(5)] })
        let values = (0..<shape.elementCount).map { _ in integer() }
        let type = types[below(types.count)]
        if type == .string { return try Tensor(shape: shape, strings: values.map { "\($0)" }) }
        return try Tensor(shape: shape, elements: values).cast(to: type)
    }

    mutating func attribute() throws -> AttributeValue {
        switch below(6) {
        case 5: .text(["TF", "[a-z]+", "max", "wrap", "("][below(5)])
        case 0, 1: .integer(integer())
        case 2: .integers((0..<below(5)).map { _ in integer() })
        case 3: .floats((0..<below(5)).map { _ in Float(below(9)) - 4 })
        default: .float(Float(below(9)) - 4)
        }
    }

    mutating func call() throws -> Invocation {
        let names = [
            "axis", "axes", "pads", "strides", "dilations", "kernel_shape", "group", "perm", "k", "to",
            "size",
            "blocksize", "hidden_size", "num_outputs", "split", "keepdims", "start", "end", "scale",
            "epsilon", "tokenexp", "mode", "pattern", "sorted", "kv_num_heads", "q_num_heads",
        ]
        var attributes: [String: AttributeValue] = [:]
        for _ in 0..<below(5) { attributes[names[below(names.count)]] = try attribute() }
        let inputs = try (0..<below(6)).map { _ in below(9) == 0 ? nil : try tensor() }
        return Invocation(
            inputs: inputs, attributes: Attributes(attributes), opset: 6 + below(20),
            outputCount: 1 + below(2),
            workspace: Workspace(pool: TensorPool(bytesMax: 16 << 20), operationsMax: 1 << 20))
    }
}
