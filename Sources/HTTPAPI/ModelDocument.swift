import JSON
import ONNX
import PMML
import Serving
import Tensors

// The Openscoring documents about models: ModelResponse and BatchModelResponse. Clients refuse keys that they
// do not know, so anything of our own stands in the free-form `properties`.

/// One field of a schema.
struct SchemaField {
    var id: String
    var name: String?
    var dataType: String?
    var opType: String?
    var values: [String] = []
}

extension JSONWriter {
    /// One model: `id, miningFunction, summary, properties` and, unless it stands in a list, `schema`.
    mutating func model(_ version: ModelVersion, withSchema: Bool, warnings: [String] = []) {
        beginObject()
        member("id", version.name)
        member("miningFunction", version.miningFunction)
        member("summary", version.summary)
        name("properties")
        properties(of: version, warnings: warnings)
        if withSchema {
            name("schema")
            schema(of: version)
        }
        endObject()
    }

    private mutating func properties(of version: ModelVersion, warnings: [String]) {
        beginObject()
        member("created.timestamp", Timestamp.text(milliseconds: version.created))
        name("accessed.timestamp")
        optional(version.accessed.map { Timestamp.text(milliseconds: $0) })
        member("file.size", version.fileBytes)
        member("file.checksum", version.sha256)
        name("model.version")
        optional(version.declaredVersion)
        member("augur.version", version.number)
        if !warnings.isEmpty {
            name("augur.warnings")
            beginArray()
            for warning in warnings { string(warning) }
            endArray()
        }
        endObject()
    }

    private mutating func optional(_ text: String?) {
        if let text { string(text) } else { null() }
    }

    private mutating func schema(of version: ModelVersion) {
        beginObject()
        for (kind, fields) in version.schema where !fields.isEmpty {
            name(kind)
            beginArray()
            for field in fields { self.field(field) }
            endArray()
        }
        endObject()
    }

    private mutating func field(_ field: SchemaField) {
        beginObject()
        for (key, text) in [
            ("id", field.id), ("name", field.name), ("dataType", field.dataType), ("opType", field.opType),
        ] {
            guard let text else { continue }
            member(key, text)
        }
        if !field.values.isEmpty {
            name("values")
            beginArray()
            for value in field.values { string(value) }
            endArray()
        }
        endObject()
    }
}

extension ModelVersion {
    /// PMML's name of what it does; a network with labels classifies.
    var miningFunction: String {
        switch kind {
        case .evaluator(let servable): servable.evaluator.miningFunction
        case .network(let servable): servable.classifies ? "classification" : "regression"
        }
    }

    /// Openscoring's text for the kind of model.
    var summary: String {
        switch kind {
        case .evaluator(let servable): servable.evaluator.summary
        case .network: "Neural network"
        }
    }

    /// The version that the file itself states.
    var declaredVersion: String? {
        switch kind {
        case .evaluator(let servable): servable.evaluator.modelVersion
        case .network(let servable):
            servable.network.metadata.modelVersion > 0 ? "\(servable.network.metadata.modelVersion)" : nil
        }
    }

    /// Fields by kind, in the order in which they are printed.
    fileprivate var schema: [(kind: String, fields: [SchemaField])] {
        switch kind {
        case .evaluator(let servable):
            let evaluator = servable.evaluator
            return [
                ("inputFields", evaluator.inputFields.map(SchemaField.init)),
                ("groupFields", evaluator.groupFields.map(SchemaField.init)),
                ("targetFields", evaluator.targetFields.map(SchemaField.init)),
                ("outputFields", evaluator.outputFields.map(SchemaField.init)),
            ]
        case .network(let servable):
            return [("inputFields", servable.inputFields)] + servable.answerFields
        }
    }
}

extension SchemaField {
    init(_ field: FieldDescription) {
        self.init(
            id: field.id, name: field.displayName, dataType: field.dataType, opType: field.opType,
            values: field.values)
    }

    /// An input or output of a network; its shape is told in the name.
    fileprivate init(_ port: Port) {
        let (dataType, opType) =
            switch port.elementType {
            case .float32, .float16, .bfloat16: ("float", "continuous")
            case .float64: ("double", "continuous")
            case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: ("integer", "continuous")
            case .bool: ("boolean", "categorical")
            case .string: ("string", "categorical")
            }
        self.init(id: port.name, name: port.summary, dataType: dataType, opType: opType)
    }
}

extension NetworkServable {
    fileprivate var classifies: Bool {
        labels != nil
            || network.outputs.contains { port in
                switch port.kind {
                case .sequence, .map: true
                case .tensor: port.elementType == .string
                }
            }
    }

    fileprivate var inputFields: [SchemaField] {
        guard let recipe else { return network.inputs.map { SchemaField($0) } }
        let size = "\(recipe.width) x \(recipe.height)"
        return [
            SchemaField(
                id: "image", name: "JPEG or PNG, brought to \(size) pixels; in base64 as an argument",
                dataType: "string", opType: "categorical")
        ]
    }

    fileprivate var answerFields: [(kind: String, fields: [SchemaField])] {
        guard let labels else { return [("outputFields", network.outputs.map { SchemaField($0) })] }
        return [
            (
                "targetFields",
                [SchemaField(id: "label", dataType: "string", opType: "categorical", values: labels)]
            ),
            (
                "outputFields",
                [
                    SchemaField(id: "probability", dataType: "float", opType: "continuous"),
                    SchemaField(id: "probabilities", name: "Probability of each label"),
                ]
            ),
        ]
    }
}
