extension RequestHead {
    /// How the reply may be compressed: the coding of `Accept-Encoding` with the greatest weight, the first
    /// of equals; nil when none that the server knows is wanted (RFC 9110 section 12.5.3).
    package var acceptedCoding: ContentCoding? {
        guard namesAcceptedCodings else { return nil }
        var best: (coding: ContentCoding, weight: Int)?
        var weights: [ContentCoding: Int] = [:]
        var starWeight: Int?
        for value in headers.all("Accept-Encoding") {
            for member in value.split(separator: ",").prefix(Self.membersMax) {
                let (name, weight) = Self.weighted(member)
                guard let coding = Self.coding(name) else {
                    if name == "*" { starWeight = weight }
                    continue
                }
                weights[coding] = weight
                if weight > best?.weight ?? 0 { best = (coding, weight) }
            }
        }
        if best == nil, let starWeight, starWeight > 0 {
            return [ContentCoding.gzip, .deflate].first { weights[$0] == nil }
        }
        return best?.coding
    }

    /// Members of one field that are looked at: browsers send five.
    private static let membersMax = 32

    private static func coding(_ name: String) -> ContentCoding? {
        switch name {
        case "gzip", "x-gzip": .gzip
        case "deflate": .deflate
        default: nil
        }
    }

    /// The name in small letters and the weight in thousandths; a weight that cannot be read counts as 1.
    private static func weighted(_ member: Substring) -> (name: String, weight: Int) {
        let parts = member.split(separator: ";", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" } }
        let name = (parts.first ?? "").lowercased()
        guard parts.count == 2, let parameter = parts.last?.lowercased(), parameter.hasPrefix("q=") else {
            return (name, 1_000)
        }
        let weight = Double(parameter.dropFirst(2)) ?? 1
        return (name, Int(min(max(weight.isNaN ? 1 : weight, 0), 1) * 1_000))
    }
}
