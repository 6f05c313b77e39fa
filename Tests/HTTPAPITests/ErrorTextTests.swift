import Serving
import Testing

@testable import HTTPAPI

@Test func `A refusal of the disk is told in words, not as a number`() {
    let error = APIError(ServingError.storage(operation: "write /data/m/state.tmp", code: 28))
    #expect(error.statusCode == 507)
    #expect(
        error.message
            == "cannot write /data/m/state.tmp: No space left on device; nothing was changed")
}

@Test func `A fault of a model.yaml names its line and key, where it has them`() {
    func message(_ line: Int, _ key: String) -> String {
        APIError(ServingError.configuration(ConfigurationFault(line: line, key: key, reason: "is wrong")))
            .message
    }
    #expect(message(3, "image.width") == "model.yaml line 3: image.width is wrong")
    #expect(message(0, "labels") == "model.yaml: labels is wrong")
    #expect(message(0, "") == "model.yaml: is wrong")
}
