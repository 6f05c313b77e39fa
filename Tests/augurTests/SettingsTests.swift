import Testing

@testable import augur

@Suite struct SettingsTests {
    private func read(_ yaml: String) throws(ConfigurationError) -> Settings {
        var settings = Settings()
        try settings.read(yaml: yaml, path: "augur.yaml")
        return settings
    }

    @Test("What is printed is a configuration file that changes nothing")
    func roundTrip() throws {
        let printed = Settings().yaml
        #expect(try read(printed).yaml == printed)
        for setting in Setting.all {
            let name = setting.key.split(separator: ".").last.map(String.init) ?? ""
            #expect(printed.contains("  \(name): "), "\(setting.key)")
        }
    }

    @Test("Every setting takes its own printed value, and no key stands twice")
    func settings() {
        var settings = Settings()
        for setting in Setting.all where !setting.text(settings).hasPrefix("\"") {
            #expect(setting.take(&settings, setting.text(settings)) == nil, "\(setting.key)")
        }
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
    }

    @Test("Every bound is a setting")
    func bounds() {
        let settings = Settings()
        let names = [Mirror(reflecting: settings.server.limits), Mirror(reflecting: settings.api)]
            .flatMap(\.children).compactMap(\.label)
            // Roles stand in a section of their own, the version is the build's; the last follows from two.
            .filter { !["roles", "version", "uploadBytesMax"].contains($0) }
        #expect(names.count > 20)
        let keys = Set(Setting.all.compactMap { $0.key.split(separator: ".").last.map(String.init) })
        for name in names {
            let isThreads = name.hasPrefix("codec") || name.hasPrefix("control")
            let key = isThreads && name.hasSuffix("Threads") ? String(name.dropLast(7)) : name
            #expect(keys.contains(key) || keys.contains("\(key)Seconds"), "\(name)")
        }
    }

    @Test("A smaller bound on models leaves tables as they are")
    func separateBounds() throws {
        var settings = try read("requests: {modelBytesMax: 1000000}")
        settings.settle()
        #expect(settings.server.limits.uploadBytesMax == settings.api.tableBytesMax)
        #expect(settings.serving.artifactBytesMax == 1_000_000)
    }

    @Test("Values come from their sections")
    func values() throws {
        let settings = try read(
            """
            server: {host: "::1", port: 0, headerTimeoutSeconds: 2.5}
            requests:
              bodyBytesMax: 1_000_000
            batching: {delayMaxMilliseconds: 1.5}
            access: {adminToken: secret, userToken: ~}
            log: {level: debug, format: json}
            """)
        #expect(settings.server.host == "::1" && settings.server.port == 0)
        #expect(settings.server.limits.headerTimeout == .seconds(2.5))
        #expect(settings.api.bodyBytesMax == 1_000_000 && settings.serving.batching.delayMax == 1_500_000)
        #expect(settings.api.roles.adminToken == "secret" && settings.api.roles.userToken == nil)
        #expect(settings.logLevel == .debug && settings.logFormat == .json)
        #expect(try read("").yaml == Settings().yaml && read("server:\n").yaml == Settings().yaml)
    }

    @Test(
        "A fault is told with its line and the nearest valid key",
        arguments: [
            ("servr:\n  port: 1\n", 1, "\"server\""),
            ("server:\n  port: 1\n  prot: 2\n", 3, "\"server.port\""),
            ("server:\n  port: many\n", 2, "whole number"),
            ("server:\n  port: -1\n", 2, "at least 0"),
            ("server:\n  port: [1]\n", 2, "single value"),
            ("server: 5\n", 1, "holds settings"),
            ("log:\n  level: loud\n", 2, "debug"),
            ("- a\n", 1, "sections"),
            ("server:\n  port: \"1\n", 3, "YAML"),
        ])
    func faults(yaml: String, line: Int, hint: String) {
        do throws(ConfigurationError) {
            _ = try read(yaml)
            Issue.record("accepted")
        } catch {
            #expect(error.line == line && error.description.contains(hint), "\(error)")
        }
    }

    @Test("Distances count insertions, deletions and replacements")
    func distances() {
        #expect(editDistance("", "abc") == 3 && editDistance("port", "Port") == 0)
        #expect(editDistance("kitten", "sitting") == 3 && editDistance("abc", "") == 3)
    }
}
