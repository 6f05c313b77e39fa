import Imaging
import ONNX
import PMML
import Registry

/// A model that was read, validated and optimised, but has not answered anything yet.
struct LoadedModel: Sendable {
    /// What computes its answers.
    enum Engine: Sendable {
        case evaluator(Evaluator)
        case network(NetworkModel)
    }

    let engine: Engine
    let configuration: ModelConfiguration
    /// The text of its `model.yaml`, own or inherited.
    let configurationText: [UInt8]?
    let life: VersionLife
    /// What the document's author should know, one sentence each.
    let warnings: [String]

    /// The network that it is, if it is one.
    var network: Network? {
        switch engine {
        case .evaluator: nil
        case .network(let model): model.network
        }
    }

    var format: ArtifactFormat {
        switch engine {
        case .evaluator: .pmml
        case .network: .onnx
        }
    }
}

/// A network with what its `model.yaml` says about images and labels.
struct NetworkModel: Sendable {
    let network: Network
    /// The checked image recipe; `nil` when the network takes tensors only.
    let pipeline: ImagePipeline?
    let labels: [String]?
    let outputIsLogits: Bool
}

/// The files that a model is loaded from.
struct ModelSource: Sendable {
    let path: String
    let format: ArtifactFormat
    let configurationText: [UInt8]?
    /// Which model of a PMML document with several.
    let modelName: String?
    let bytesMax: Int
    /// Of the file.
    let sha256: String
}

extension LoadedModel {
    /// Reads, validates and optimises; every fault of a PMML document is in the error.
    /// - Parameter plan: what was measured on this file before, or on another.
    static func load(_ source: ModelSource, plan: KnownPlan? = nil) throws(ServingError) -> LoadedModel {
        let configuration = try parsed(source.configurationText)
        switch source.format {
        case .pmml: return try loadEvaluator(source, configuration)
        case .onnx: return try loadNetwork(source, configuration, plan)
        }
    }

    private static func parsed(_ text: [UInt8]?) throws(ServingError) -> ModelConfiguration {
        guard let text else { return ModelConfiguration() }
        do { return try ModelConfiguration(yaml: text) } catch { throw .configuration(error) }
    }

    private static func loadEvaluator(
        _ source: ModelSource, _ configuration: ModelConfiguration
    ) throws(ServingError) -> LoadedModel {
        guard configuration.image == nil, configuration.labels == nil, configuration.golden == nil else {
            let reason = "labels, image and golden are for networks; a PMML document has its own"
            throw .configuration(ConfigurationFault(line: 0, key: "", reason: reason))
        }
        var limits = PMMLLimits()
        limits.bytesMax = source.bytesMax
        let evaluator: Evaluator
        do throws(PMMLError) {
            evaluator = try Evaluator.load(path: source.path, modelName: source.modelName, limits: limits)
        } catch {
            switch error {
            case .unreadable(let path, let code): throw .storage(operation: "read \(path)", code: code)
            case .invalid, .verificationFailed: throw .pmml(error)
            }
        }
        return LoadedModel(
            engine: .evaluator(evaluator), configuration: configuration,
            configurationText: source.configurationText, life: VersionLife(),
            warnings: evaluator.warningTexts)
    }

    private static func loadNetwork(
        _ source: ModelSource, _ configuration: ModelConfiguration, _ plan: KnownPlan?
    ) throws(ServingError) -> LoadedModel {
        let network: Network
        var options = NetworkOptions()
        options.measuredPlan = plan?.text
        options.isPlanInherited = plan?.isInherited ?? false
        do { network = try Network.load(path: source.path, options: options) } catch { throw .network(error) }
        let model = NetworkModel(
            network: network, pipeline: try pipeline(of: configuration, for: network),
            labels: configuration.labels, outputIsLogits: configuration.output == .logits)
        return LoadedModel(
            engine: .network(model), configuration: configuration,
            configurationText: source.configurationText, life: VersionLife(), warnings: [])
    }

    private static func pipeline(
        of configuration: ModelConfiguration, for network: Network
    ) throws(ServingError) -> ImagePipeline? {
        guard let recipe = configuration.image else { return nil }
        guard let input = network.inputs.first, network.inputs.count == 1, input.elementType == .float32
        else {
            let reason = "needs a network with one float32 input"
            throw .configuration(ConfigurationFault(line: 0, key: "image", reason: reason))
        }
        do {
            return try ImagePipeline(recipe)
        } catch {
            throw .configuration(ConfigurationFault(line: 0, key: "image", reason: "\(error)"))
        }
    }
}
