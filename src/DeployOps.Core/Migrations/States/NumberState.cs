namespace DeployOps.Migrations.States;

/// <summary>Something that numbers by itself, up to a last number.</summary>
/// <param name="Name">The column or the sequence, such as <c>orders.id</c>.</param>
/// <param name="Type">What ends it, such as <c>int</c>.</param>
/// <param name="Next">The number it gives next.</param>
/// <param name="Last">The last it can give.</param>
public sealed record NumberState(string Name, string Type, decimal Next, decimal Last)
{
    /// <summary>From so much on it is told: it is made larger only by copying the table, which is better done before it is needed.</summary>
    private const decimal Much = 0.8m;

    /// <summary>Whether four fifths of its numbers are used up.</summary>
    public bool IsNearItsEnd => Next >= Much * Last;
}
