/// Writes small ONNX files for tests, field by field (protobuf encoding specification).
struct ModelWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func integer(_ field: Int, _ value: Int64) {
        varint(UInt64(field << 3))
        varint(UInt64(bitPattern: value))
    }

    mutating func float(_ field: Int, _ value: Float) {
        varint(UInt64(field << 3 | 5))
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift)))
        }
    }

    mutating func data(_ field: Int, _ value: [UInt8]) {
        varint(UInt64(field << 3 | 2))
        varint(UInt64(value.count))
        bytes += value
    }

    mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

    static func message(_ fill: (inout ModelWriter) -> Void) -> [UInt8] {
        var writer = ModelWriter()
        fill(&writer)
        return writer.bytes
    }
}

/// A `TensorProto` of float32 in `raw_data`.
func floatTensor(_ name: String, _ dims: [Int64], _ values: [Float]) -> [UInt8] {
    .init(
        ModelWriter.message { writer in
            for dim in dims { writer.integer(1, dim) }
            writer.integer(2, 1)
            writer.text(8, name)
            writer.data(
                9,
                values.flatMap { value in
                    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
                })
        })
}

/// An `AttributeProto` of integers.
func integersAttribute(_ name: String, _ values: [Int64]) -> [UInt8] {
    ModelWriter.message { writer in
        writer.text(1, name)
        for value in values { writer.integer(8, value) }
        writer.integer(20, 7)
    }
}

/// An `AttributeProto` of one graph.
func graphAttribute(_ name: String, _ graph: [UInt8]) -> [UInt8] {
    ModelWriter.message { writer in
        writer.text(1, name)
        writer.data(6, graph)
        writer.integer(20, 5)
    }
}

/// A `NodeProto`.
func node(
    _ name: String, _ inputs: [String], _ outputs: [String], attributes: [[UInt8]] = [], domain: String = ""
)
    -> [UInt8]
{
    ModelWriter.message { writer in
        for input in inputs { writer.text(1, input) }
        for output in outputs { writer.text(2, output) }
        writer.text(4, name)
        for attribute in attributes { writer.data(5, attribute) }
        if !domain.isEmpty { writer.text(7, domain) }
    }
}

/// A `ValueInfoProto` of float32; a negative size stands for the symbolic dimension `N`.
func port(_ name: String, _ dims: [Int64]) -> [UInt8] {
    let shape = ModelWriter.message { writer in
        for dim in dims {
            writer.data(1, ModelWriter.message { dim < 0 ? $0.text(2, "N") : $0.integer(1, dim) })
        }
    }
    let tensor = ModelWriter.message {
        $0.integer(1, 1)
        $0.data(2, shape)
    }
    return ModelWriter.message { writer in
        writer.text(1, name)
        writer.data(2, ModelWriter.message { $0.data(1, tensor) })
    }
}

/// A `GraphProto`.
func graph(nodes: [[UInt8]], initializers: [[UInt8]] = [], inputs: [[UInt8]], outputs: [[UInt8]]) -> [UInt8] {
    ModelWriter.message { writer in
        for node in nodes { writer.data(1, node) }
        writer.text(2, "graph")
        for initializer in initializers { writer.data(5, initializer) }
        for input in inputs { writer.data(11, input) }
        for output in outputs { writer.data(12, output) }
    }
}

/// A `ModelProto` of operator set `opset`.
func model(_ graph: [UInt8], opset: Int64 = 17, functions: [[UInt8]] = []) -> [UInt8] {
    ModelWriter.message { writer in
        writer.integer(1, 8)
        writer.text(2, "tests")
        writer.data(7, graph)
        writer.data(8, ModelWriter.message { $0.integer(2, opset) })
        for function in functions { writer.data(25, function) }
    }
}
