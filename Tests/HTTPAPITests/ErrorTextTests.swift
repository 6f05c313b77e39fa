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
