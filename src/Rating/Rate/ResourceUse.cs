using System.Runtime.InteropServices;

namespace Exchange.Rating;

/// <summary>
/// What one resource used until the next one comes: some policies round, and some SKUs have a minimum, for each
/// resource.
/// </summary>
internal sealed class ResourceUse
{
    private readonly List<Piece> _pieces = [];

    private record struct Piece(Line Line, Int128 Parts, long Microseconds);

    public void Add(Line line, Int128 parts, long microseconds)
    {
        foreach (ref var piece in CollectionsMarshal.AsSpan(_pieces))
        {
            if (ReferenceEquals(piece.Line, line) && piece.Parts == parts)
            {
                piece.Microseconds += microseconds;
                return;
            }
        }

        _pieces.Add(new(line, parts, microseconds));
    }

    /// <summary>Gives each line what this resource adds to it.</summary>
    public void Settle()
    {
        if (_pieces.Count > 1 && _pieces.Exists(p => p.Line.Policies.LastShapeForAll))
        {
            PriceAllAtTheLastShape();
        }

        foreach (var piece in _pieces)
        {
            if (piece.Line.Policies.Quantities == WholeQuantity.ResourceHours)
            {
                var time = piece.Line.Sku.Microseconds;
                piece.Line.Sum += (piece.Microseconds + time - 1) / time * time * piece.Parts;
            }
            else if (piece.Line.Policies.Quantities != WholeQuantity.Resource)
            {
                piece.Line.Sum += piece.Microseconds * piece.Parts;
            }
        }

        if (_pieces.Exists(p => p.Line.Policies.Quantities == WholeQuantity.Resource))
        {
            foreach (var of in _pieces.Where(p => p.Line.Policies.Quantities == WholeQuantity.Resource)
                .GroupBy(p => p.Line))
            {
                of.Key.Sum += of.Key.Whole(Total(of));
            }
        }

        MeetMinimums();
        _pieces.Clear();
    }

    private void PriceAllAtTheLastShape()
    {
        for (var i = _pieces.Count - 2; i >= 0; i--)
        {
            var piece = _pieces[i];
            var last = _pieces.FindLastIndex(p => p.Line.Sheet == piece.Line.Sheet &&
                p.Line.Project == piece.Line.Project && p.Line.IsForScaleOnly == piece.Line.IsForScaleOnly);
            if (piece.Line.Policies.LastShapeForAll && last > i)
            {
                _pieces[last] = _pieces[last] with { Microseconds = _pieces[last].Microseconds + piece.Microseconds };
                _pieces.RemoveAt(i);
            }
        }
    }

    /// <summary>A minimum holds for a resource and month, also when its sheet changes inside the month.</summary>
    private void MeetMinimums()
    {
        if (!_pieces.Exists(p => p.Line.Sku.Minimum > 0))
        {
            return;
        }

        foreach (var of in _pieces.GroupBy(p => (
            p.Line.Sheet.Sheet.Service, p.Line.Sku.Id, p.Line.Project, p.Line.Agreement, p.Line.IsForScaleOnly)))
        {
            var (used, first) = (Total(of), of.First().Line);
            var least = (Int128)(first.Sku.Minimum * Line.Parts) * first.Sku.Microseconds;
            if (used > 0 && used < least)
            {
                first.Sum += least - used;
            }
        }
    }

    private static Int128 Total(IEnumerable<Piece> pieces)
    {
        var total = Int128.Zero;
        foreach (var piece in pieces)
        {
            total += piece.Microseconds * piece.Parts;
        }

        return total;
    }
}
