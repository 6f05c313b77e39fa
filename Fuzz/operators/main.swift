import Fuzzing
import Kernels
import Tensors

/// Every operator of the reference, called on tensors, attributes and an opset that the bytes choose: an
/// operator answers or refuses, whatever it is given. Most of a mutated model file breaks the file; here all
/// of a mutation reaches an operator.
fuzz(seeds: seeds(), check)

/// For each operator calls of some shapes and types.
private func seeds() -> [[UInt8]] {
    let shapes: [[UInt8]] = [[1, 3], [2, 2, 3], [4, 1, 2, 4, 4], [0], [3, 1, 4, 4]]
    return operators.indices.flatMap { number in
        shapes.enumerated().map { index, shape in
            let tensor: [UInt8] = [UInt8(index == 3 ? 9 : 0)] + shape + [1, 2, 3]
            let head = [UInt8(number & 255), UInt8(number >> 8), 17, 1, 0]
            return head + [UInt8(1 + index)] + (0...index).flatMap { _ in tensor }
        }
    } + patterns()
}

/// Calls of the operators that take a regular expression, each with one that its bytes spell.
private func patterns() -> [[UInt8]] {
    ["a{1}{1}", "(){9}(){9}", "[^a-z]+|b*?", "(?i)\\bk{2,}"].flatMap {
        pattern in
        ["RegexFullMatch", "Tokenizer"].compactMap { name in
            operators.firstIndex { $0.name == name }.map { number in
                let attribute = name == "Tokenizer" ? "tokenexp" : "pattern"
                let place = attributeNames.firstIndex(of: attribute) ?? 0
                let text = Array(pattern.utf8)
                let head = [
                    UInt8(number & 255), UInt8(number >> 8), 20, 1, 1, UInt8(place & 255), UInt8(place >> 8),
                ]
                return head + [7, UInt8(text.count)] + text + [1, 14, 1, 3, 1, 2, 3]
            }
        }
    }
}

@Sendable private func check(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    let chosen = operators[(reader.byte() | reader.byte() << 8) % operators.count]
    guard let operation = referenceOperator(chosen.name, domain: chosen.domain) else { return }
    let opset = 1 + reader.byte() % 26
    let outputs = 1 + reader.byte() % 3
    var attributes: [String: AttributeValue] = [:]
    for _ in 0..<reader.byte() % 8 {
        attributes[attributeNames[(reader.byte() | reader.byte() << 8) % attributeNames.count]] =
            reader.attribute()
    }
    let inputs = (0..<reader.byte() % 8).map { _ in reader.tensor() }
    let call = Invocation(
        inputs: inputs, attributes: Attributes(attributes), opset: opset, outputCount: outputs,
        workspace: Workspace(pool: TensorPool(bytesMax: 32 << 20), operationsMax: 1 << 22))
    let results: [Tensor]
    do throws(KernelError) {
        results = try operation(call)
    } catch {
        // It would end one request only, but an operator must check what it indexes with.
        guard error != .wrongIndex else { fatalError("\(chosen.name) leaves a tensor") }
        return
    }
    for result in results where result.elementType != .string {
        // Reads every element, so that the sanitizer sees a tensor shorter than its shape.
        guard result.converted(to: Double.self).count == result.count else {
            fatalError("\(chosen.name) gives a tensor that is not as long as its shape")
        }
    }
}

/// Takes values off the front of the input; zeros once it is used up.
private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func byte() -> Int {
        guard position < bytes.count else { return 0 }
        position += 1
        return Int(bytes[position - 1])
    }

    /// Mostly small, now and then at the ends of the type.
    mutating func integer() -> Int64 {
        let byte = byte()
        switch byte {
        case 250: return .max
        case 251: return .min
        case 252: return 1 << 32
        case 253: return .max - Int64(self.byte())
        case 254: return .min + Int64(self.byte())
        default: return Int64(Int8(truncatingIfNeeded: byte))
        }
    }

    mutating func float() -> Float {
        let byte = byte()
        switch byte {
        case 250: return .infinity
        case 251: return .nan
        case 252: return -.greatestFiniteMagnitude
        case 253: return Float.leastNonzeroMagnitude
        default: return Float(Int8(truncatingIfNeeded: byte)) / 4
        }
    }

    mutating func attribute() -> AttributeValue {
        switch byte() % 9 {
        case 7: return .text(String(decoding: (0..<byte()).map { _ in UInt8(byte()) }, as: UTF8.self))
        case 0, 1: return .integer(integer())
        case 2: return .integers((0..<byte() % 12).map { _ in integer() })
        case 3: return .float(float())
        case 4: return .floats((0..<byte() % 12).map { _ in float() })
        case 5: return .text(words[byte() % words.count])
        case 6: return .texts((0..<byte() % 5).map { _ in words[byte() % words.count] })
        default: return tensor().map { .tensor($0) } ?? .integers([])
        }
    }

    /// The size of an axis: small, but now and then as large as an axis of an empty tensor can be.
    mutating func size() -> Int {
        let byte = byte()
        return switch byte {
        case 250: 1 << 40
        case 251: 1 << 20
        case 252: 1 << 10
        default: byte % 9
        }
    }

    mutating func tensor() -> Tensor? {
        let kind = byte() % 18
        guard kind < 15 else { return nil }
        let dims = (0..<byte() % 6).map { _ in size() }
        let values = (0..<byte() % 16).map { _ in integer() }
        guard let shape = try? Shape(checking: dims, elementsMax: 1 << 14) else { return nil }
        let elements = (0..<shape.elementCount).map { values.isEmpty ? Int64($0) : values[$0 % values.count] }
        if kind == 14 {
            return try? Tensor(shape: shape, strings: elements.map { words[Int($0 & 255) % words.count] })
        }
        let types: [ElementType] = [
            .float32, .float64, .float16, .bfloat16, .int8, .uint8, .int16, .uint16, .int32, .int64, .uint32,
            .uint64, .bool, .float32,
        ]
        return try? Tensor(shape: shape, elements: elements).cast(to: types[kind])
    }
}
