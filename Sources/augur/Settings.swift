import HTTP1
import HTTPAPI
import HTTPServer
import Logging
import Serving
import Telemetry

/// Everything that `augur serve` can be told, with its defaults.
struct Settings: Sendable {
    var server = ServerConfiguration()
    var serving = ServingConfiguration(dataDirectory: "data", bundledDirectory: "models")
    var api = APIConfiguration()
    var logLevel = Logger.Level.info
    var logFormat = LineLog.Format.logfmt

    init() {}

    /// What belongs together is set together.
    mutating func settle() {
        // The server's own bounds refuse nothing that an endpoint would take.
        server.limits.bodyBytesMax = api.bodyBytesMax
        server.limits.uploadBytesMax = max(api.modelBytesMax, api.tableBytesMax)
        serving.artifactBytesMax = api.modelBytesMax
        let loops = server.loops ?? processorCount()
        server.loops = loops
        serving.loops = loops
        server.headersAlways = ["X-Application": api.identity]
    }
}

/// A value that a configuration file can hold, and where it goes.
struct Setting: Sendable {
    /// Section and name, such as `server.port`.
    let key: String
    /// What it is and its unit.
    let help: String
    /// The value now, as YAML.
    let text: @Sendable (Settings) -> String
    /// Takes the text of a YAML scalar; what is wrong with it, or `nil`.
    let take: @Sendable (inout Settings, String) -> String?
}

extension Setting {
    /// A whole number of at least `least`.
    static func count(
        _ key: String, _ help: String, _ path: any WritableKeyPath<Settings, Int> & Sendable, least: Int = 1
    ) -> Setting {
        Setting(key: key, help: help, text: { "\($0[keyPath: path])" }) { settings, text in
            guard let value = Int(text.filter { $0 != "_" }), value >= least else {
                return "a whole number of at least \(least) is needed"
            }
            settings[keyPath: path] = value
            return nil
        }
    }

    /// Seconds, as a decimal number.
    static func seconds(
        _ key: String, _ help: String, _ path: any WritableKeyPath<Settings, Duration> & Sendable
    ) -> Setting {
        Setting(key: key, help: help, text: { decimal($0[keyPath: path] / .seconds(1)) }) { settings, text in
            guard let value = Double(text), value > 0, value < 1e9 else {
                return "a number of seconds above 0 is needed"
            }
            settings[keyPath: path] = .seconds(value)
            return nil
        }
    }

    /// Nanoseconds inside, another unit in the file.
    static func nanoseconds(
        _ key: String, _ help: String, unit: Double, _ path: any WritableKeyPath<Settings, UInt64> & Sendable
    ) -> Setting {
        Setting(key: key, help: help, text: { decimal(Double($0[keyPath: path]) / unit) }) { settings, text in
            guard let value = Double(text), value >= 0, value * unit < 1e15 else {
                return "a number of at least 0 is needed"
            }
            settings[keyPath: path] = UInt64(value * unit)
            return nil
        }
    }

    /// Text; an empty one, `~` or `null` is none.
    static func optional(
        _ key: String, _ help: String, _ path: any WritableKeyPath<Settings, String?> & Sendable
    ) -> Setting {
        Setting(key: key, help: help, text: { $0[keyPath: path].map(quoted) ?? "~" }) { settings, text in
            settings[keyPath: path] = text.isEmpty || text == "~" || text == "null" ? nil : text
            return nil
        }
    }

    /// Text that must not be empty.
    static func text(
        _ key: String, _ help: String, _ path: any WritableKeyPath<Settings, String> & Sendable
    ) -> Setting {
        Setting(key: key, help: help, text: { quoted($0[keyPath: path]) }) { settings, text in
            guard !text.isEmpty else { return "it must not be empty" }
            settings[keyPath: path] = text
            return nil
        }
    }

    /// One of a few words.
    static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ key: String, _ help: String, _ path: any WritableKeyPath<Settings, Choice> & Sendable
    ) -> Setting where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        let listed = words.joined(separator: ", ")
        return Setting(key: key, help: "\(help): \(listed)", text: { $0[keyPath: path].rawValue }) {
            settings, text in
            guard let value = Choice(rawValue: text) else { return "it must be one of \(listed)" }
            settings[keyPath: path] = value
            return nil
        }
    }

    private static func decimal(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
}
