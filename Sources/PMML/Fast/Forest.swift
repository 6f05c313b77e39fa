import CScoring

/// Trees in one block of memory: walked side by side for one row, by masks of leaves for many.
final class Forest: Sendable {
    private let sources: FixedTable<cs_source>
    private let thresholds: FixedTable<Double>
    private let answers: FixedTable<Float>
    private let nodes: FixedTable<cs_node>
    private let trees: FixedTable<cs_tree>
    private let blocks: FixedTable<cs_block>
    private let spans: FixedTable<cs_span>
    private let limits: FixedTable<Float>
    private let owners: FixedTable<UInt16>
    private let masks16: FixedTable<UInt16>
    private let masks32: FixedTable<UInt32>
    private let masks64: FixedTable<UInt64>
    private let floats: FixedTable<Float>
    private let doubles: FixedTable<Double>
    private let rowNumbers: FixedTable<UInt32>
    private let rows: FixedTable<Double>
    private let maskBits: Int
    /// The one structure that refers to the others.
    private let tables: FixedTable<cs_forest>
    /// Values that must be there: rows without go to the general form.
    private let required: [Int]
    /// By leaf, where they are kept: the node of its `Tree`, nil for a leaf without an answer.
    let origins: [Int?]
    /// Results of a row.
    let width: Int
    /// What it takes of a plane, values aside.
    let size: PlaneSize

    init(_ arrays: ForestArrays, _ columns: ColumnBuilder, required: [Int]) {
        sources = FixedTable(columns.sources)
        thresholds = FixedTable(columns.thresholds)
        answers = FixedTable(columns.answers)
        nodes = FixedTable(arrays.nodes)
        trees = FixedTable(arrays.trees)
        blocks = FixedTable(arrays.blocks)
        spans = FixedTable(arrays.spans)
        limits = FixedTable(arrays.thresholds)
        owners = FixedTable(arrays.owners)
        maskBits = arrays.maskBits
        masks16 = FixedTable(maskBits == 16 ? arrays.masks.map { UInt16(truncatingIfNeeded: $0) } : [])
        masks32 = FixedTable(maskBits == 32 ? arrays.masks.map { UInt32(truncatingIfNeeded: $0) } : [])
        masks64 = FixedTable(maskBits == 64 ? arrays.masks : [])
        floats = FixedTable(arrays.floats)
        doubles = FixedTable(arrays.doubles)
        rowNumbers = FixedTable(arrays.rowNumbers)
        rows = FixedTable(arrays.rows)
        // SAFETY: the pointers are those of tables that live as long as `self`.
        let masks: UnsafeRawPointer =
            switch maskBits {
            case 16: UnsafeRawPointer(masks16.pointer)
            case 32: UnsafeRawPointer(masks32.pointer)
            default: UnsafeRawPointer(masks64.pointer)
            }
        let leaves: UnsafeRawPointer =
            switch arrays.sums {
            case CS_FLOATS: UnsafeRawPointer(floats.pointer)
            case CS_DOUBLES: UnsafeRawPointer(doubles.pointer)
            default: UnsafeRawPointer(rowNumbers.pointer)
            }
        tables = FixedTable([
            cs_forest(
                nodes: nodes.pointer, trees: trees.pointer, tree_count: trees.count,
                mask_bits: UInt32(maskBits), sums: arrays.sums.rawValue, blocks: blocks.pointer,
                block_count: blocks.count, spans: spans.pointer, thresholds: limits.pointer,
                owners: owners.pointer, masks: masks, leaves: leaves, rows: rows.pointer, width: arrays.width)
        ])
        origins = arrays.origins
        width = arrays.width
        self.required = required
        size = PlaneSize(values: 0, columns: columns.count, sums: arrays.width)
    }

    /// In a few words: `500 trees, 28112 nodes, masks of 32 leaves`.
    var description: String {
        let many = maskBits > 0 ? "masks of \(maskBits) leaves" : "walks side by side"
        return "\(trees.count) trees, \(nodes.count) nodes, \(many)"
    }

    /// As measured on ensembles of 100 to 1000 trees.
    var groups: RowGroups {
        switch maskBits {
        case 16: RowGroups(lanes: 32, rowsMin: 3)
        case 32: RowGroups(lanes: 16, rowsMin: 3)
        case 64: RowGroups(lanes: 8, rowsMin: 4)
        // Walking 8 rows takes as long as walking one 6 times.
        default: RowGroups(lanes: 8, rowsMin: 6)
        }
    }

    private func fill(_ plane: Plane, rows: Int, stride: Int) {
        for place in required {
            for row in 0..<rows where plane.value(place, row: row, stride: stride).isNaN {
                plane.isGeneral[row] = true
            }
        }
        // SAFETY: the plane was made for this forest's columns and its layout's values.
        cs_fill_columns(
            sources.pointer, sources.count, thresholds.pointer, answers.pointer, plane.values, rows, stride,
            plane.columns)
    }

    /// The sums of up to 64 rows, to `plane.sums`: NaN where a leaf has no answer.
    func score(_ plane: Plane, rows: Int, stride: Int) {
        fill(plane, rows: rows, stride: stride)
        // SAFETY: the tables live as long as `self`; the plane has room for 64 rows of `width` sums.
        if stride == 1 {
            cs_score_one(tables.pointer, plane.columns, plane.sums)
        } else {
            cs_score_many(tables.pointer, plane.columns, rows, plane.scratch, plane.sums)
        }
    }

    /// The leaf that one row reaches in the first tree; nil where the general form must decide.
    func leaf(_ plane: Plane) -> Int? {
        plane.isGeneral[0] = false
        fill(plane, rows: 1, stride: 1)
        guard !plane.isGeneral[0] else { return nil }
        // SAFETY: as in `score`; the one tree's root is its first node.
        return Int(cs_leaf(tables.pointer, plane.columns))
    }
}
