import Foundation
import Logging
import Testing

@testable import Telemetry

@Suite struct LogTests {
    private func logged(_ format: LineLog.Format, _ log: (inout Logger) -> Void) throws -> String {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        var logger = Logger(label: "augur") { _ in
            LineLog(format: format, level: .info, descriptor: descriptor)
        }
        log(&logger)
        try pipe.fileHandleForWriting.close()
        return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    @Test func `A logfmt line has the time, the level, the message and the fields by name`() throws {
        let line = try logged(.logfmt) { logger in
            logger[metadataKey: "model"] = "iris"
            logger.warning("not good", metadata: ["bytes": "12", "a": "x=\"y\"\n"])
        }
        let pattern = /time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=warning message="not good" (.*)\n/
        let match = try #require(try pattern.wholeMatch(in: line))
        #expect(match.1 == #"a="x=\"y\"\n" bytes=12 model=iris"#)
    }

    @Test func `A JSON line parses, whatever is logged`() throws {
        let line = try logged(.json) { logger in
            logger.error("\u{1}\"quoted\" \\ ü", metadata: ["key": "line\nend"])
        }
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object?["message"] == "\u{1}\"quoted\" \\ ü")
        #expect(object?["key"] == "line\nend")
        #expect(object?["level"] == "error")
    }

    @Test func `Entries below the level are not written`() throws {
        #expect(try logged(.logfmt) { $0.debug("quiet") }.isEmpty)
    }
}
