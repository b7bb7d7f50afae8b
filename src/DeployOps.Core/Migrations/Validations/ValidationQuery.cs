namespace DeployOps.Migrations.Validations;

/// <summary>One query of a validation file, with what it is expected to answer.</summary>
/// <param name="Name">The words after <c>-- verify:</c>, or the file name where it has no header.</param>
/// <param name="File">The file name.</param>
/// <param name="Line">The line the query starts on, from 1.</param>
/// <param name="Sql">The query, one statement.</param>
/// <param name="Expectation">What it must answer.</param>
public sealed record ValidationQuery(string Name, string File, int Line, string Sql, ValidationExpectation Expectation)
{
    /// <summary>Whether it only warns: <c>-- severity: warn</c>. Default false: the migration has failed where it does not pass.</summary>
    public bool Warns { get; init; }

    /// <summary>When it is asked and judged: <c>-- when: pre</c>, <c>post</c> or <c>pre,post</c>. Default after the migration.</summary>
    public ValidationMoments When { get; init; } = ValidationMoments.After;

    /// <summary>Whether a replica is asked, once it has what the primary has: <c>-- on: replica</c>. Default false.</summary>
    public bool OnReplica { get; init; }

    /// <summary>The rows that it is to return: <c>-- expect: table orders.csv</c>; null where it expects something else.</summary>
    public ExpectedTable? Table { get; init; }

    /// <summary>How long it may run: <c>-- timeout: 2min</c>; null for as long as any may.</summary>
    public TimeSpan? Timeout { get; init; }
}
