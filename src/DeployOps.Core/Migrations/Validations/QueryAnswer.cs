namespace DeployOps.Migrations.Validations;

/// <summary>What a query answered.</summary>
/// <param name="RowCount">How many rows it returned.</param>
/// <param name="Scalar">The first column of the first row as invariant text; null where there is no row or the value is NULL.</param>
/// <param name="SampleRows">The first rows as <c>column=value</c> text.</param>
public sealed record QueryAnswer(long RowCount, string? Scalar, IReadOnlyList<string> SampleRows);
