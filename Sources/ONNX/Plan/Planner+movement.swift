import CKernels
import Kernels
import Tensors

extension Planner {
    /// The same elements under other dimensions: no step where the planar form is at hand.
    mutating func reshape(_ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], table.known[x] == nil, node.outputs.count == 1,
            Shape(table.dims(x)).elementCount == Shape(table.dims(node.outputs[0])).elementCount
        else { return false }
        let result = node.outputs[0]
        if table.dims(x) == table.dims(result) {
            forms[result] = forms[x]
            if forms[x].planar == nil, forms[x].blocked == nil { return false }
            return true
        }
        if isImage(x), isImage(result) { return false }
        let source = try planar(x)
        guard isContiguous(source, rowsAndColumns(x)) else { return false }
        let (rows, columns) = rowsAndColumns(result)
        forms[result].planar = PlanView(
            buffer: source.buffer, offset: source.offset,
            image: rows == rowsAndColumns(x).0 ? source.image : columns)
        return true
    }

    private func isContiguous(_ view: PlanView, _ shape: (rows: Int, columns: Int)) -> Bool {
        shape.rows == 1 || view.image == shape.columns
    }

    /// `Concat` of images along channels.
    mutating func concatenation(_ node: PlanNode) throws(PlanRefusal) -> Bool {
        let result = node.outputs[0]
        let parts = node.inputs.compactMap { $0 }
        guard isImage(result), let axis = try? node.attributes.integer("axis", default: 1),
            axis == 1 || axis == -3,
            parts.allSatisfy({ isImage($0) && table.known[$0] == nil }),
            parts.contains(where: { forms[$0].blocked != nil })
        else { return false }
        var views: [PlanView] = []
        for part in parts { views.append(try blocked(part)) }
        let output = blockedResult(result)
        let extent = extent(result)
        var channel = 0
        for (part, view) in zip(parts, views) {
            let count = self.extent(part).channels
            let place = PlanView(
                buffer: output.buffer, offset: output.offset + channel / 16 * 16 * extent.pixels,
                image: output.image)
            if channel % 16 != 0 || view != place {
                append(
                    PlanStep(
                        name: title(node), work: .copyChannels(extent, from: 0, to: channel, count: count),
                        input: view, output: output))
            }
            channel += count
        }
        return true
    }

    /// `Split` of an image along channels.
    mutating func split(_ node: PlanNode) throws(PlanRefusal) -> Bool {
        guard let x = node.inputs[0], isImage(x), forms[x].blocked != nil,
            (try? node.attributes.integer("axis", default: 0)) == 1, node.outputs.allSatisfy({ isImage($0) })
        else { return false }
        let source = try blocked(x)
        var channel = 0
        for result in node.outputs {
            let extent = extent(result)
            if channel % 16 == 0 {
                // Whole blocks are read where they are.
                forms[result].blocked = PlanView(
                    buffer: source.buffer, offset: source.offset + channel * extent.pixels,
                    image: source.image)
            } else {
                var step = PlanStep(
                    name: title(node),
                    work: .copyChannels(extent, from: channel, to: 0, count: extent.channels),
                    input: source)
                step.output = blockedResult(result)
                append(step)
            }
            channel += extent.channels
        }
        return true
    }

    // MARK: Concatenations written in place

    /// Gives every part of a concatenation along channels whose place starts at a block's edge a view of the
    /// whole, so that its maker writes it there. Later concatenations first: one whose parts begin a longer
    /// one (DenseNet's) becomes the front of it.
    mutating func placeConcatenations() {
        var fronts: [[PlanValue]: PlanView] = [:]
        for node in graph.nodes.reversed() where node.op == "Concat" && isImage(node.outputs[0]) {
            let parts = node.inputs.compactMap { $0 }
            guard (try? node.attributes.integer("axis", default: 1)) == 1,
                parts.allSatisfy({ isImage($0) && table.known[$0] == nil }), Set(parts).count == parts.count
            else { continue }
            let extent = extent(node.outputs[0])
            let whole =
                destinations[node.outputs[0]] ?? fronts[parts]
                ?? PlanView(buffer: newBuffer(extent.images * extent.image), image: extent.image)
            destinations[node.outputs[0]] = whole
            var channel = 0
            for (position, part) in parts.enumerated() {
                guard channel % 16 == 0 else { break }
                let view = PlanView(
                    buffer: whole.buffer, offset: whole.offset + channel * extent.pixels, image: whole.image)
                if destinations[part] == nil, !graph.inputs.contains(part) { destinations[part] = view }
                channel += self.extent(part).channels
                if position > 0 { fronts[Array(parts[...position])] = whole }
            }
        }
    }
}
