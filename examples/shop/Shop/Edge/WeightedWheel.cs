namespace Shop.Edge;

/// <summary>
/// Spreads choices over items by weight, smoothly: at each turn every item gains its weight, the richest is chosen and pays the
/// sum of all weights. So 2 : 1 gives a b a a b a, never a a b, and any run of as many choices as the weights sum up to is exact.
/// </summary>
internal sealed class WeightedWheel<T>
{
    private readonly Lock _turn = new();
    private readonly T[] _items;
    private readonly int[] _weights;
    private readonly long[] _credit;
    private readonly long _total;

    /// <summary>Makes a wheel; items of weight 0 are never chosen.</summary>
    public WeightedWheel(IEnumerable<(T Item, int Weight)> items)
    {
        var taking = items.Where(item => item.Weight > 0).ToArray();
        _items = [.. taking.Select(item => item.Item)];
        _weights = [.. taking.Select(item => item.Weight)];
        _credit = new long[taking.Length];
        _total = _weights.Sum(weight => (long)weight);
    }

    /// <summary>Chooses the next item.</summary>
    /// <returns>False where no item has a weight.</returns>
    public bool TryNext(out T? item)
    {
        item = default;
        if (_items.Length == 0)
        {
            return false;
        }

        lock (_turn)
        {
            var richest = 0;
            for (var at = 0; at < _items.Length; at++)
            {
                _credit[at] += _weights[at];
                richest = _credit[at] > _credit[richest] ? at : richest;
            }

            _credit[richest] -= _total;
            item = _items[richest];
            return true;
        }
    }
}
