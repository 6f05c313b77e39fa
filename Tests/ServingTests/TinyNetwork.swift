/// ONNX files made by hand (protobuf wire format): `y = x W`, `x` of shape `[N, 2]`, `W` of shape `[2, 3]`.
enum TinyNetwork {
    /// `W` is all `weight` but for its first column, which is twice that.
    static func file(weight: Float = 1, batch: String? = "N") -> [UInt8] {
        let weights: [Float] = [2 * weight, weight, weight, 2 * weight, weight, weight]
        let data = weights.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        let initializer =
            number(1, 2) + number(1, 3) + number(2, 1) + bytes(8, Array("W".utf8)) + bytes(9, data)
        let node = text(1, "x") + text(1, "W") + text(2, "y") + text(4, "MatMul")
        let graph =
            bytes(1, node) + text(2, "tiny") + bytes(5, initializer)
            + bytes(11, port("x", [batch, nil], 2)) + bytes(12, port("y", [batch, nil], 3))
        return number(1, 8) + bytes(7, graph) + bytes(8, text(1, "") + number(2, 13))
    }

    private static func port(_ name: String, _ dims: [String?], _ last: Int) -> [UInt8] {
        let batch = dims[0].map { text(2, $0) } ?? number(1, 1)
        let shape = bytes(1, batch) + bytes(1, number(1, last))
        return text(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, shape)))
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var (rest, result) = (UInt64(value), [UInt8]())
        while rest >= 0x80 {
            result.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return result + [UInt8(rest)]
    }

    private static func number(_ field: Int, _ value: Int) -> [UInt8] { varint(field << 3) + varint(value) }
    private static func bytes(_ field: Int, _ value: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(value.count) + value
    }
    private static func text(_ field: Int, _ value: String) -> [UInt8] { bytes(field, Array(value.utf8)) }
}

/// PMML documents of one tree: `score` when `x` is below 5, `other` otherwise.
enum TinyTree {
    static func file(score: String = "low", verified: String? = nil) -> [UInt8] {
        let verification =
            verified.map {
                """
                <ModelVerification recordCount="1"><VerificationFields>
                <VerificationField field="x" column="x"/>
                <VerificationField field="y" column="y"/></VerificationFields>
                <InlineTable><row><x>1</x><y>\($0)</y></row></InlineTable></ModelVerification>
                """
            } ?? ""
        return Array(
            """
            <PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/>
            <DataDictionary><DataField name="x" optype="continuous" dataType="double"/>
            <DataField name="y" optype="categorical" dataType="string"><Value value="\(score)"/>
            <Value value="other"/></DataField></DataDictionary>
            <TreeModel functionName="classification">
            <MiningSchema><MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema>
            <Node><True/>
            <Node score="\(score)"><SimplePredicate field="x" operator="lessThan" value="5"/></Node>
            <Node score="other"><SimplePredicate field="x" operator="greaterOrEqual" value="5"/></Node></Node>
            \(verification)</TreeModel></PMML>
            """.utf8)
    }
}
