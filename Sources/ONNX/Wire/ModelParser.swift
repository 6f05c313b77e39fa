import Kernels
import Tensors

/// Reads a `ModelProto` by walking its fields. What repeats is counted, and depth is bounded, so that a
/// hostile file costs no more than a proportion of its own size.
struct ModelParser {
    let bytes: ModelBytes
    let limits: NetworkLimits
    /// Nodes, names, attributes and tensors read so far.
    private var itemCount = 0
    private var nodeCount = 0

    init(_ bytes: ModelBytes, limits: NetworkLimits) {
        (self.bytes, self.limits) = (bytes, limits)
    }

    /// The whole model.
    /// - Throws: `ONNXError.malformed`, `.tooLarge`.
    mutating func model() throws(ONNXError) -> ModelDocument {
        var model = ModelDocument()
        var hasGraph = false
        var producer = ("", "")
        var reader = WireReader(bytes, 0..<bytes.count)
        while let (field, value) = try reader.next() {
            let at = reader.position
            switch field {
            case 1: model.metadata.irVersion = Int(truncatingIfNeeded: try value.integer(at: at))
            case 2: producer.0 = try bytes.string(try value.range(at: at))
            case 3: producer.1 = try bytes.string(try value.range(at: at))
            case 4: model.metadata.domain = try bytes.string(try value.range(at: at))
            case 5: model.metadata.modelVersion = try value.integer(at: at)
            case 6: model.metadata.documentation = try bytes.string(try value.range(at: at))
            case 7:
                guard !hasGraph else { throw .malformed(offset: at, reason: "two graphs") }
                model.graph = try graph(try value.range(at: at), depth: 0)
                hasGraph = true
            case 8:
                let (domain, version) = try opset(try value.range(at: at))
                model.metadata.opsets[domain] = version
            case 14:
                let entry = try readEntry(bytes, try value.range(at: at))
                try count(1)
                model.metadata.properties[entry.key] = entry.value
            case 25: model.functions.append(try function(try value.range(at: at)))
            default: break
            }
        }
        guard hasGraph else { throw .malformed(offset: 0, reason: "no graph") }
        model.metadata.producer = [producer.0, producer.1].filter { !$0.isEmpty }.joined(separator: " ")
        model.metadata.graphName = model.graph.name
        return model
    }

    private mutating func count(_ items: Int) throws(ONNXError) {
        itemCount += items
        guard itemCount <= 1 << 23 else {
            throw .tooLarge(what: "the number of parts of the model", limit: 1 << 23)
        }
    }

    private mutating func graph(_ range: Range<Int>, depth: Int) throws(ONNXError) -> GraphDocument {
        guard depth <= limits.depthMax else {
            throw .tooLarge(what: "the depth of graphs", limit: limits.depthMax)
        }
        var graph = GraphDocument()
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            let at = reader.position
            switch field {
            case 1: graph.nodes.append(try node(try value.range(at: at), depth: depth))
            case 2: graph.name = try bytes.string(try value.range(at: at))
            case 5:
                try count(1)
                graph.initializers.append(try TensorDocument(bytes, try value.range(at: at)))
            case 11: graph.inputs.append(try port(try value.range(at: at)))
            case 12: graph.outputs.append(try port(try value.range(at: at)))
            case 15: throw .unsupported(node: "graph", feature: "sparse initializers")
            default: break
            }
        }
        return graph
    }

    private mutating func node(_ range: Range<Int>, depth: Int) throws(ONNXError) -> NodeDocument {
        nodeCount += 1
        guard nodeCount <= limits.nodesMax else {
            throw .tooLarge(what: "the number of nodes", limit: limits.nodesMax)
        }
        var node = NodeDocument()
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            let at = reader.position
            try count(1)
            switch field {
            case 1: node.inputs.append(try bytes.string(try value.range(at: at)))
            case 2: node.outputs.append(try bytes.string(try value.range(at: at)))
            case 3: node.name = try bytes.string(try value.range(at: at))
            case 4: node.operatorName = try bytes.string(try value.range(at: at))
            case 5: node.attributes.append(try attribute(try value.range(at: at), depth: depth))
            case 7: node.domain = try bytes.string(try value.range(at: at))
            default: break
            }
        }
        return node
    }

    private mutating func function(_ range: Range<Int>) throws(ONNXError) -> FunctionDocument {
        try count(1)
        var function = FunctionDocument()
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            let at = reader.position
            try count(1)
            switch field {
            case 1: function.name = try bytes.string(try value.range(at: at))
            case 4: function.inputs.append(try bytes.string(try value.range(at: at)))
            case 5: function.outputs.append(try bytes.string(try value.range(at: at)))
            case 7: function.nodes.append(try node(try value.range(at: at), depth: 0))
            case 9:
                let (domain, version) = try opset(try value.range(at: at))
                function.opsets[domain] = version
            case 10: function.domain = try bytes.string(try value.range(at: at))
            case 11: function.defaults.append(try attribute(try value.range(at: at), depth: 0))
            default: break
            }
        }
        return function
    }

    private mutating func opset(_ range: Range<Int>) throws(ONNXError) -> (String, Int) {
        try count(1)
        var reader = WireReader(bytes, range)
        var (domain, version) = ("", 0)
        while let (field, value) = try reader.next() {
            switch field {
            case 1: domain = try bytes.string(try value.range(at: range.lowerBound))
            case 2: version = Int(truncatingIfNeeded: try value.integer(at: range.lowerBound))
            default: break
            }
        }
        return (domain == "ai.onnx" ? "" : domain, version)
    }
}

extension ModelParser {
    private mutating func attribute(_ range: Range<Int>, depth: Int) throws(ONNXError) -> AttributeDocument {
        var attribute = AttributeDocument()
        var content = AttributeContent()
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            let at = reader.position
            switch field {
            case 1: attribute.name = try bytes.string(try value.range(at: at))
            case 6: content.graph = try graph(try value.range(at: at), depth: depth + 1)
            case 9:
                try count(1)
                content.texts.append(try bytes.string(try value.range(at: at)))
            default: try content.read(field, value, bytes, at: at)
            }
        }
        attribute.value = content.value
        return attribute
    }

    private mutating func port(_ range: Range<Int>) throws(ONNXError) -> PortDocument {
        try count(1)
        var port = PortDocument()
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            switch field {
            case 1: port.name = try bytes.string(try value.range(at: range.lowerBound))
            case 2: try type(try value.range(at: range.lowerBound), into: &port, depth: 0)
            default: break
            }
        }
        return port
    }

    /// A `TypeProto`: a tensor, or a sequence, map or optional around one.
    private func type(_ range: Range<Int>, into port: inout PortDocument, depth: Int) throws(ONNXError) {
        guard depth < 8 else { throw .tooLarge(what: "the depth of a type", limit: 8) }
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            switch field {
            case 1: try tensorType(try value.range(at: range.lowerBound), into: &port)
            case 9:
                port.isOptional = true
                var inner = WireReader(bytes, try value.range(at: range.lowerBound))
                while let (part, content) = try inner.next() {
                    guard part == 1 else { continue }
                    try type(try content.range(at: range.lowerBound), into: &port, depth: depth + 1)
                }
            case 4, 5:
                // The outermost kind is met first.
                if port.kind == .tensor { port.kind = field == 4 ? .sequence : .map }
                var inner = WireReader(bytes, try value.range(at: range.lowerBound))
                while let (part, content) = try inner.next() {
                    guard part == (field == 4 ? 1 : 2) else { continue }
                    try type(try content.range(at: range.lowerBound), into: &port, depth: depth + 1)
                }
            default: break
            }
        }
    }

    private func tensorType(_ range: Range<Int>, into port: inout PortDocument) throws(ONNXError) {
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            switch field {
            case 1: port.dataType = Int(truncatingIfNeeded: try value.integer(at: range.lowerBound))
            case 2:
                port.hasShape = true
                port.dims = try dimensions(try value.range(at: range.lowerBound))
            default: break
            }
        }
    }

    private func dimensions(_ range: Range<Int>) throws(ONNXError) -> [Dimension] {
        var dims: [Dimension] = []
        var reader = WireReader(bytes, range)
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            var dimension = Dimension.symbolic("")
            var inner = WireReader(bytes, try value.range(at: range.lowerBound))
            while let (part, content) = try inner.next() {
                switch part {
                case 1: dimension = .fixed(Int(try content.integer(at: range.lowerBound)))
                case 2: dimension = .symbolic(try bytes.string(try content.range(at: range.lowerBound)))
                default: break
                }
            }
            dims.append(dimension)
            guard dims.count <= 64 else { throw .tooLarge(what: "the rank of a value", limit: 64) }
        }
        return dims
    }
}

/// The value fields of an attribute while they are being read.
private struct AttributeContent {
    var graph: GraphDocument?
    var texts: [String] = []
    private var type = 0
    private var float: Float = 0
    private var integer: Int64 = 0
    private var text: String?
    private var tensor: TensorDocument?
    private var floats: [Float] = []
    private var integers: [Int64] = []
    private var reference: String?
    private var seen = 0

    mutating func read(_ field: Int, _ value: WireValue, _ bytes: ModelBytes, at offset: Int)
        throws(ONNXError)
    {
        switch field {
        case 2:
            guard case .fixed32(let bits) = value else {
                throw .malformed(offset: offset, reason: "a float attribute")
            }
            float = Float(bitPattern: bits)
        case 3: integer = try value.integer(at: offset)
        case 4: text = try bytes.string(try value.range(at: offset))
        case 5: tensor = try TensorDocument(bytes, try value.range(at: offset))
        case 7: try appendFloats(value, bytes, at: offset)
        case 8: try appendNumbers(value, bytes, to: &integers, limit: 1 << 26)
        case 20: type = Int(truncatingIfNeeded: try value.integer(at: offset))
        case 21: reference = try bytes.string(try value.range(at: offset))
        default: break
        }
        if (2...11).contains(field) { seen = field }
    }

    private mutating func appendFloats(_ value: WireValue, _ bytes: ModelBytes, at offset: Int)
        throws(ONNXError)
    {
        switch value {
        case .fixed32(let bits): floats.append(Float(bitPattern: bits))
        case .bytes(let range):
            guard range.count % 4 == 0 else { throw .malformed(offset: offset, reason: "a list of floats") }
            for at in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
                floats.append(Float(bitPattern: bytes.number(at: at, as: UInt32.self)))
            }
        case .varint, .fixed64: throw .malformed(offset: offset, reason: "a list of floats")
        }
    }

    /// The value by the stated type, or in old files by the field that was there.
    var value: AttributeDocument.Value {
        if let reference, !reference.isEmpty { return .reference(reference) }
        let kinds = [2: 1, 3: 2, 4: 3, 5: 4, 7: 6, 8: 7]
        let kind = type != 0 ? type : graph != nil ? 5 : !texts.isEmpty ? 8 : kinds[seen] ?? 0
        switch kind {
        case 1: return .plain(.float(float))
        case 2: return .plain(.integer(integer))
        case 3: return .plain(.text(text ?? ""))
        case 4: return tensor.map { .tensor($0) } ?? .other("a tensor that is not there")
        case 5: return graph.map { .graph($0) } ?? .other("a graph that is not there")
        case 6: return .plain(.floats(floats))
        case 7: return .plain(.integers(integers))
        case 8: return .plain(.texts(texts))
        default: return .other("attribute type \(kind)")
        }
    }
}
