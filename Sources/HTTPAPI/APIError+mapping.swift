import HTTPServer
import Imaging
import JSON
import ONNX
import PMML
import Serving

// Every error that can reach a client has its status here, each enum in one switch without `default`.

extension APIError {
    /// 400 with the place of the fault; 413 for a text above its bounds in bytes.
    package init(_ error: JSONError) {
        switch error.reason {
        case .tooLarge: self = .tooLarge(error.description)
        case .outOfMemory: self = .unavailable(error.description)
        case .empty, .tooDeep, .byteOrderMark, .invalidUTF8, .unexpected, .unexpectedEnd, .controlCharacter,
            .invalidEscape, .loneSurrogate, .invalidNumber, .numberTooLarge, .trailing, .refused:
            self = .badRequest("The JSON body is not valid: \(error.description)")
        }
    }

    /// A refused image: 400 with the reason, 413 when it is too large.
    package init(_ error: ImageError) {
        switch error {
        case .tooManyBytes, .tooLarge, .tooManyScans: self = .tooLarge(error.description)
        case .outOfMemory: self = .unavailable(error.description)
        case .empty, .unsupported, .undecodable, .wrongSize: self = .badRequest(error.description)
        case .recipe: self = .fault(error.description)
        }
    }

    /// A temporary file that takes no more: 503 while all of them together are full, else 507.
    package init(_ error: SpoolError) {
        switch error {
        case .full: self = .unavailable("There is no room on disk for uploads and answers; try again")
        case .disk(let reason): self = .storage(reason)
        }
    }

    /// A failed operation on models.
    package init(_ error: ServingError) {
        switch error {
        case .invalidName, .modelNotFound, .versionNotFound: self = .notFound
        case .nothingToRollBackTo(let name): self = .conflict("\(name) has no earlier version to go back to")
        case .unsupportedFormat(let reason): self = .badRequest(reason)
        case .pmml(let error): self = .badRequest(error.description)
        case .network(let error): self = .badRequest(error.description)
        case .configuration(let fault): self = .badRequest(fault.description)
        case .verificationFailed(let reason): self = .badRequest(reason)
        case .tooLarge(let bytes, let bytesMax):
            self = .tooLarge("The model has \(bytes) bytes, more than the \(bytesMax) allowed")
        case .tooManyModels(let limit): self = .storage("As many models as allowed are in use: \(limit)")
        case .storage: self = .storage("\(error)")
        case .dataDirectoryInUse(let path): self = .fault("\(path) belongs to another process")
        case .dataDirectoryUnusable(let path, let reason): self = .fault("\(path): \(reason)")
        }
    }

    /// A row that could not be scored by a network.
    package init(_ failure: NetworkFailure) {
        switch failure {
        case .image(let error): self.init(error)
        case .takesNoImages: self = .unsupportedMediaType
        case .network(let error): self.init(scoring: error)
        }
    }

    /// A run that failed: the values are the caller's, so all but a broken file is 400.
    package init(scoring error: ONNXError) {
        switch error {
        case .wrongInput, .execution, .tooLarge: self = .badRequest(error.description)
        case .file, .malformed, .invalid, .unsupported: self = .fault(error.description)
        }
    }

    /// A row that could not be evaluated: whatever the kind, the caller learns which field and why.
    package init(_ error: EvaluationError) {
        switch error.kind {
        case .invalidValue, .missingValue, .type, .undefinedResult, .modelFault:
            self = .badRequest(error.message)
        }
    }
}
