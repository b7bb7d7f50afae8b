namespace DeployOps.Migrations.Validations;

/// <summary>
/// What a query answered before the migration, for an expectation of <c>same as before</c>. It is kept in the journal: a number as it is, any other value by its hash, since
/// it may be anybody's.
/// </summary>
/// <param name="File">The file the query stands in.</param>
/// <param name="Name">The query's name.</param>
/// <param name="RowCount">How many rows it returned.</param>
/// <param name="Number">The first column of its first row where that is a number; null where it is none or there is no row.</param>
/// <param name="Columns">How many columns a row has.</param>
/// <param name="Contents">As of <see cref="QueryAnswer.Contents"/>.</param>
public sealed record ValidationBaseline(string File, string Name, long RowCount, decimal? Number, int Columns, string Contents)
{
    /// <summary>What a query answered, to be kept.</summary>
    internal static ValidationBaseline Of(ValidationQuery query, QueryAnswer answer) => Of(answer) with { File = query.File, Name = query.Name };

    /// <summary>The same of no query in particular.</summary>
    internal static ValidationBaseline Of(QueryAnswer answer) =>
        new("", "", answer.RowCount, answer.Scalar is null ? null : ValidationExpectation.ReadNumber(answer.Scalar), answer.Columns, answer.Contents);
}
