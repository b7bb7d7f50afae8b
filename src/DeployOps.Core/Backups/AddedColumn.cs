namespace DeployOps.Backups;

/// <summary>A column that a live table has and its backup has not.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Values">How many rows have a value in it.</param>
/// <param name="IsUniform">Whether all of several rows have the same value, as one that a default put there, or none has any.</param>
public sealed record AddedColumn(string Name, long Values, bool IsUniform)
{
    /// <summary>Reads it of what was counted.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="rows">How many rows the table has.</param>
    /// <param name="values">How many of them have a value in it.</param>
    /// <param name="areAlike">Whether these values are all the same.</param>
    public static AddedColumn Of(string name, long rows, long values, bool areAlike) => new(name, values, values == 0 || (rows > 1 && values == rows && areAlike));
}
