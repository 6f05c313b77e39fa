import HTTPAPI

/// Models of this package's own, small enough to stand here.
enum Fixtures {
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    /// A tree on a number `x` in [0, 100]: `small` up to 10, else `large`; `node` names the leaf.
    static func tree(leaf: String = "a") -> [UInt8] {
        Array(
            """
            <PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
            <Header modelVersion="3"/>
            <DataDictionary>
              <DataField name="x" optype="continuous" dataType="double" displayName="The number">
                <Interval closure="closedClosed" leftMargin="0" rightMargin="100"/></DataField>
              <DataField name="size" optype="categorical" dataType="string">
                <Value value="small"/><Value value="large"/></DataField>
            </DataDictionary>
            <TreeModel modelName="sizes" functionName="classification"
                missingValueStrategy="defaultChild">
              <MiningSchema>
                <MiningField name="size" usageType="target"/><MiningField name="x"/></MiningSchema>
              <Output>
                <OutputField name="node" dataType="string" optype="categorical" feature="entityId"/></Output>
              <Node id="0" defaultChild="\(leaf)"><True/>
                <Node id="\(leaf)" score="small">
                  <SimplePredicate field="x" operator="lessOrEqual" value="10"/></Node>
                <Node id="b" score="large">
                  <SimplePredicate field="x" operator="greaterThan" value="10"/></Node>
              </Node>
            </TreeModel></PMML>
            """.utf8)
    }

    /// Rules over the items of a basket: tea makes one want milk.
    static let rules = Array(
        """
        <PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/>
        <DataDictionary>
          <DataField name="basket" optype="categorical" dataType="string"/>
          <DataField name="item" optype="categorical" dataType="string"/>
        </DataDictionary>
        <AssociationModel functionName="associationRules" numberOfTransactions="9" minimumSupport="0.1"
            minimumConfidence="0.1" numberOfItems="2" numberOfItemsets="2" numberOfRules="1">
          <MiningSchema>
            <MiningField name="basket" usageType="group"/><MiningField name="item"/></MiningSchema>
          <Output><OutputField name="advice" dataType="string" feature="ruleValue" ruleFeature="consequent"
              algorithm="recommendation" rank="0" rankBasis="confidence" isMultiValued="1"/></Output>
          <Item id="1" value="tea"/><Item id="2" value="milk"/>
          <Itemset id="1" numberOfItems="1"><ItemRef itemRef="1"/></Itemset>
          <Itemset id="2" numberOfItems="1"><ItemRef itemRef="2"/></Itemset>
          <AssociationRule id="r" support="0.5" confidence="0.8" antecedent="1" consequent="2"/>
        </AssociationModel></PMML>
        """.utf8)

    /// An ONNX network of one node: `sum = a + b`, both float32[N, 2].
    static let sum: [UInt8] = {
        let node = text(1, "a") + text(1, "b") + text(2, "sum") + text(4, "Add")
        let graph =
            message(1, node) + text(2, "sum") + message(11, port("a")) + message(11, port("b"))
            + message(12, port("sum"))
        return number(1, 8) + message(7, graph) + message(8, number(2, 13))
    }()

    /// An ONNX network of one node: `y`, float32 zeros of the shape `s`, int64[2].
    static let zeros: [UInt8] = {
        let node = text(1, "s") + text(2, "y") + text(4, "ConstantOfShape")
        let size = message(1, number(1, 2))
        let graph =
            message(1, node) + text(2, "zeros") + message(11, port("s", type: 7, size))
            + message(12, port("y", message(1, text(2, "N")) + message(1, text(2, "M"))))
        return number(1, 8) + message(7, graph) + message(8, number(2, 13))
    }()

    private static func port(
        _ name: String, type: UInt8 = 1,
        _ shape: [UInt8] = message(1, text(2, "N")) + message(1, number(1, 2))
    ) -> [UInt8] {
        text(1, name) + message(2, message(1, number(1, type) + message(2, shape)))
    }

    /// A field of the protobuf wire format: bytes with their length, below 128 times 128.
    private static func message(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        let length = bytes.count
        let varint = length < 128 ? [UInt8(length)] : [UInt8(length & 127 | 128), UInt8(length >> 7)]
        return [field << 3 | 2] + varint + bytes
    }

    private static func text(_ field: UInt8, _ text: String) -> [UInt8] { message(field, Array(text.utf8)) }

    private static func number(_ field: UInt8, _ value: UInt8) -> [UInt8] { [field << 3, value] }
}
