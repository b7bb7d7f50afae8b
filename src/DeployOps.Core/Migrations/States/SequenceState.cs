namespace DeployOps.Migrations.States;

/// <summary>A sequence that numbers a column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Column">The column, such as <c>public.orders.id</c>.</param>
/// <param name="Next">The number it gives next.</param>
/// <param name="Highest">The highest number in the column; null where it has none, or no index by which it is found at once.</param>
public sealed record SequenceState(string Name, string Column, long Next, long? Highest)
{
    /// <summary>Whether the next row would get a number that is taken, or one below.</summary>
    public bool IsBehind => Next <= Highest;
}
