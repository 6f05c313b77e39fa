import ArgumentParser
import Conformance
import ONNX
import PMML
import Serving

/// A model file as the commands without a server read it.
private enum ModelFile {
    case pmml(Evaluator)
    case network(Network)

    /// Ends the process with everything that is wrong with the file.
    init(_ path: String, modelName: String?) {
        // Standard input cannot be read twice.
        let input = path == "-" ? readFile(path) : nil
        guard let head = input ?? readHead(of: path) else { fail("\(path) cannot be read") }
        do {
            if let input {
                self = .pmml(try Evaluator.load(input, modelName: modelName))
                return
            }
            switch ArtifactFormat(sniffing: head) {
            case .pmml: self = .pmml(try Evaluator.load(path: path, modelName: modelName))
            case .onnx, nil: self = .network(try Network.load(path: path))
            }
        } catch {
            fail("\(path) is refused:\n\(error)")
        }
    }
}

/// Which model of which file.
struct ModelArguments: ParsableArguments {
    @Argument(help: "The .pmml or .onnx file.")
    var file: String
    @Option(help: "Which model of a PMML document with several, by its modelName.")
    var modelName: String?
}

/// `augur describe`
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a model file takes and gives, and how it will be run.")

    @OptionGroup var model: ModelArguments

    func run() throws {
        switch ModelFile(model.file, modelName: model.modelName) {
        case .pmml(let evaluator):
            print("\(evaluator.summary), \(evaluator.miningFunction)")
            Self.list("input", evaluator.inputFields)
            Self.list("group", evaluator.groupFields)
            Self.list("target", evaluator.targetFields)
            Self.list("output", evaluator.outputFields)
            print(evaluator.describeForms())
        case .network(let network):
            for port in network.inputs { print("input   \(port.name)  \(Self.summary(port))") }
            for port in network.outputs { print("output  \(port.name)  \(Self.summary(port))") }
            print(network.describePlan())
        }
    }

    private static func list(_ kind: String, _ fields: [FieldDescription]) {
        for field in fields {
            let type = [field.dataType, field.opType].compactMap { $0 }.joined(separator: " ")
            let values = field.values.prefix(8).joined(separator: ", ")
            print(kind.padded(to: 8) + "\(field.id)  \(type)  \(values)")
        }
    }

    private static func summary(_ port: Port) -> String {
        let axes = port.dims.map { dimension in
            switch dimension {
            case .fixed(let size): "\(size)"
            case .symbolic(let name): name.isEmpty ? "?" : name
            }
        }
        return "\(port.elementType)[\(axes.joined(separator: ", "))]"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

/// `augur validate`
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a model file as a deployment would, without a server.",
        discussion: "Prints every fault with its line; exits 0 when the model could be deployed.")

    @OptionGroup var model: ModelArguments

    func run() throws {
        switch ModelFile(model.file, modelName: model.modelName) {
        case .pmml(let evaluator):
            for warning in evaluator.warningTexts { print(warning) }
            do throws(PMMLError) {
                try evaluator.verify()
            } catch {
                fail("\(model.file) is refused:\n\(error)")
            }
            print("\(model.file): \(evaluator.summary), valid")
        case .network(let network):
            let counts = "\(network.inputs.count) inputs and \(network.outputs.count) outputs"
            print("\(model.file): network with \(counts), valid")
        }
    }
}

/// `augur conformance`
struct RunConformance: ParsableCommand {
    /// Whose corpus it is.
    enum Format: String, ExpressibleByArgument, CaseIterable { case pmml, onnx, precision }

    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Run every case of a conformance corpus and count what passes.",
        discussion: """
            precision holds every image network of a folder against itself in 64-bit floats. Exits with 1 when a \
            case failed.
            """)

    @Argument(help: "pmml, onnx or precision.")
    var format: Format
    @Argument(help: "Folder of the corpus.")
    var directory: String
    @Option(help: "For precision: a folder of pictures, CLASS/NAME.jpg, for networks with a model.yaml.")
    var images: String?
    @Option(help: "For precision: how many of the pictures at most.")
    var count = 5000

    func run() throws {
        switch format {
        case .precision:
            let count = runPrecision(directory: directory, images: images, countMax: count) { print($0) }
            if count.failed > 0 { throw ExitCode.failure }
        case .onnx:
            let count = runONNXConformance(directory: directory) { print($0) }
            if count.failed > 0 { throw ExitCode.failure }
        case .pmml:
            let count = runPMMLConformance(directory: directory) { print($0) }
            if count.cases.failed > 0 { throw ExitCode.failure }
        }
    }
}
