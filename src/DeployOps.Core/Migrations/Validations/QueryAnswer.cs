namespace DeployOps.Migrations.Validations;

/// <summary>What a query answered.</summary>
/// <param name="RowCount">How many rows it returned.</param>
/// <param name="Scalar">The first column of the first row as invariant text; null where there is no row or the value is NULL.</param>
/// <param name="SampleRows">The first rows as <c>column=value</c> text.</param>
/// <param name="Columns">How many columns a row has.</param>
/// <param name="Contents">SHA-256 over all values of all rows, in whatever order these come; a value that the database calls a number counts by what it is, however many zeros it is written with.</param>
public sealed record QueryAnswer(long RowCount, string? Scalar, IReadOnlyList<string> SampleRows, int Columns = 1, string Contents = "");
