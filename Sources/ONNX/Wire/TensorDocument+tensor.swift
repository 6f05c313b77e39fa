import Kernels
import Tensors

/// Where tensors get their bytes: the model file, and files beside it.
struct TensorSource {
    let bytes: ModelBytes
    let pool: TensorPool
    let limits: NetworkLimits
    /// Opens an external data file by its checked relative path.
    let external: (String) throws(ONNXError) -> ModelBytes

    /// The tensor that `document` describes; its elements stay in the mapped file where they already are as
    /// in memory.
    /// - Throws: `.malformed` for sizes that do not agree, `.unsupported` for an element type.
    func tensor(_ document: TensorDocument) throws(ONNXError) -> Tensor {
        let name = "tensor '\(document.name)'"
        guard let type = ElementType(dataType: document.dataType) else {
            throw .unsupported(node: name, feature: "element type \(dataTypeName(document.dataType))")
        }
        let shape: Shape
        do {
            shape = try Shape(checking: document.dims.map(Int.init), elementsMax: limits.memoryBytesMax)
        } catch {
            throw .invalid(node: name, reason: "dimensions \(document.dims)")
        }
        do {
            switch document.payload {
            case .fixed(let range):
                guard type != .string else {
                    throw ONNXError.malformed(offset: document.offset, reason: "raw strings")
                }
                return try mapped(type, shape, bytes, range, document)
            case .numbers(let numbers):
                return try decoded(type, shape, numbers, document)
            case .strings(let ranges):
                guard type == .string else { throw mismatch(document, shape.elementCount, 0) }
                let strings = try ranges.map { (range) throws(ONNXError) in try bytes.string(range) }
                return try Tensor(shape: shape, strings: strings, pool: pool)
            case .external(let location, let offset, let length):
                let file = try external(location)
                let size = length ?? Int64(saturatingProduct([shape.elementCount, type.byteCount]))
                guard type != .string, offset <= Int64(file.count), size <= Int64(file.count) - offset else {
                    throw ONNXError.invalid(node: name, reason: "external data outside '\(location)'")
                }
                return try mapped(type, shape, file, Int(offset)..<Int(offset + size), document)
            case .none:
                guard shape.elementCount == 0 else { throw mismatch(document, shape.elementCount, 0) }
                return try Tensor(uninitialized: type, shape: shape, pool: pool)
            }
        } catch let error as ONNXError {
            throw error
        } catch {
            throw .invalid(node: name, reason: "\(error)")
        }
    }

    private func mapped(
        _ type: ElementType, _ shape: Shape, _ bytes: ModelBytes, _ range: Range<Int>,
        _ document: TensorDocument
    ) throws -> Tensor {
        let (expected, overflow) = shape.elementCount.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, range.count == expected else { throw mismatch(document, expected, range.count) }
        let memory = TensorMemory(borrowing: bytes.buffer(range), of: bytes)
        return try Tensor(type, shape: shape, memory: memory)
    }

    private func decoded(_ type: ElementType, _ shape: Shape, _ numbers: [Int64], _ document: TensorDocument)
        throws
        -> Tensor
    {
        guard numbers.count == shape.elementCount else {
            throw mismatch(document, shape.elementCount, numbers.count)
        }
        func make<Value: TensorElement>(_ values: [Value]) throws -> Tensor {
            try Tensor(shape: shape, elements: values, pool: pool)
        }
        switch type {
        case .float32: return try make(numbers.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) })
        case .float64: return try make(numbers.map { Double(bitPattern: UInt64(bitPattern: $0)) })
        case .float16: return try make(numbers.map { Float16(bitPattern: UInt16(truncatingIfNeeded: $0)) })
        case .bfloat16: return try make(numbers.map { BFloat16(bits: UInt16(truncatingIfNeeded: $0)) })
        case .int8: return try make(numbers.map { Int8(truncatingIfNeeded: $0) })
        case .uint8: return try make(numbers.map { UInt8(truncatingIfNeeded: $0) })
        case .int16: return try make(numbers.map { Int16(truncatingIfNeeded: $0) })
        case .uint16: return try make(numbers.map { UInt16(truncatingIfNeeded: $0) })
        case .int32: return try make(numbers.map { Int32(truncatingIfNeeded: $0) })
        case .uint32: return try make(numbers.map { UInt32(truncatingIfNeeded: $0) })
        case .int64: return try make(numbers)
        case .uint64: return try make(numbers.map { UInt64(bitPattern: $0) })
        case .bool: return try make(numbers.map { BoolByte($0 != 0) })
        case .string: throw mismatch(document, shape.elementCount, 0)
        }
    }

    private func mismatch(_ document: TensorDocument, _ expected: Int, _ given: Int) -> ONNXError {
        .malformed(
            offset: document.offset,
            reason: "tensor '\(document.name)' of \(document.dims) needs \(expected) but has \(given)")
    }
}
