import Tensors

extension Tensor {
    /// The part of this tensor at `place` along `axis`, without that axis.
    /// - Throws: `KernelError.invalid` when out of range.
    package func slice(axis: Int, at place: Int, in workspace: Workspace) throws(KernelError) -> Tensor {
        guard try size(axis) > place, place >= 0 else {
            throw .invalid("\(place) is out of range of \(shape)")
        }
        let call = Invocation(
            inputs: [], attributes: Attributes(), opset: 20, outputCount: 1, workspace: workspace)
        var (dims, strides) = (shape.dims, shape.strides)
        let start = place * strides[axis]
        dims.remove(at: axis)
        strides.remove(at: axis)
        return try call.copy(StridedView(dims: dims, strides: strides, start: start), of: self)
    }

    /// The `count` slices of this tensor from `first` on along `axis`.
    /// - Throws: `KernelError.invalid` when out of range.
    package func part(axis: Int, from first: Int, count: Int, in workspace: Workspace) throws(KernelError)
        -> Tensor
    {
        guard first >= 0, count >= 0, count <= (try size(axis)), first <= (try size(axis)) - count else {
            throw .invalid("\(count) slices from \(first) of \(shape)")
        }
        let call = Invocation(
            inputs: [], attributes: Attributes(), opset: 20, outputCount: 1, workspace: workspace)
        var dims = shape.dims
        dims[axis] = count
        let start = count == 0 ? 0 : first * shape.strides[axis]
        return try call.copy(StridedView(dims: dims, strides: shape.strides, start: start), of: self)
    }

    /// `items` of one shape laid side by side along a new `axis`.
    /// - Throws: `KernelError.invalid` when there are none, or they differ.
    package static func stacked(_ items: [Tensor], axis: Int, in workspace: Workspace) throws(KernelError)
        -> Tensor
    {
        guard let first = items.first else { throw .invalid("nothing to stack") }
        let axis = try normalize(axis: axis, rank: first.shape.rank + 1)
        var dims = first.shape.dims
        dims.insert(1, at: axis)
        let widened = try items.map { (item) throws(KernelError) in
            guard item.shape == first.shape else {
                throw .invalid("cannot stack \(first.shape) and \(item.shape)")
            }
            return try item.shaped(dims)
        }
        let call = Invocation(
            inputs: [], attributes: Attributes(), opset: 20, outputCount: 1, workspace: workspace)
        return try call.concatenate(widened, axis: axis)
    }

    /// `items` laid one after another along `axis`.
    /// - Throws: `KernelError.invalid` when their other sizes differ.
    package static func joined(_ items: [Tensor], axis: Int, in workspace: Workspace) throws(KernelError)
        -> Tensor
    {
        let call = Invocation(
            inputs: [], attributes: Attributes(), opset: 20, outputCount: 1, workspace: workspace)
        return try call.concatenate(items, axis: axis)
    }
}
