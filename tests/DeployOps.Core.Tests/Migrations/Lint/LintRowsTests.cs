using CsCheck;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Migrations.Lint;

/// <summary>Of many statements that put rows into the same table the first is looked at; what is said must not differ for that.</summary>
public sealed class LintRowsTests
{
    private static readonly string[] Parts =
    [
        "INSERT INTO orders (id, name) VALUES (1, 'one'), (2, NULL);",
        "INSERT INTO orders (id, name) VALUES (-3, 'three');",
        "INSERT INTO other VALUES (1.50, DEFAULT);",
        "-- deployops: allow LCK009 reason=\"none\"\nINSERT INTO orders (id, name) VALUES (4, 'four');",
        "ALTER TABLE orders ADD note text;",
        "ALTER TABLE other ADD CONSTRAINT c CHECK (id > 0);",
        "ALTER TABLE other VALIDATE CONSTRAINT c;",
        "CREATE TABLE orders (id bigint, name text);",
        "SET lock_timeout = 0;",
        "ALTER TABLE orders ALTER COLUMN name SET NOT NULL;",
        "UPDATE orders SET name = 'x' WHERE id = 1;",
        "BEGIN;",
        "COMMIT;",
    ];

    [Fact]
    public void What_is_said_is_what_would_be_said_of_each() =>
        Property.Holds(
            Gen.Int[0, Parts.Length - 1].Select(at => Parts[at]).List[0, 6].Select(parts => string.Join('\n', parts)),
            script => Told(script).SequenceEqual(Told(Computed(script))));

    [Theory]
    [InlineData("INSERT INTO orders (id, name) VALUES (1, 'one');\nINSERT INTO orders (id, name) VALUES (2, 'two');\nALTER TABLE orders ALTER COLUMN name SET NOT NULL", "V1__a.sql:2")]
    [InlineData("INSERT INTO orders (id, name) VALUES (1, 'one');\nINSERT INTO other (id, name) VALUES (2, 'two');\nALTER TABLE orders ALTER COLUMN name SET NOT NULL", "V1__a.sql:1")]
    [InlineData("INSERT INTO other (id, name) VALUES (1, 'one');\nALTER TABLE orders ALTER COLUMN name SET NOT NULL", null)]
    public void Who_wrote_last_is_who_wrote_the_last_of_many(string sql, string? writer) =>
        LintBench.Check(sql).Single(finding => finding.Probe is not null).WrittenBefore.ShouldBe(writer);

    // The same script, of whose rows the linter cannot see that they are literals: it looks at each statement.
    private static string Computed(string script) => script.Replace("name) VALUES (", "name) VALUES (abs(1) + ", StringComparison.Ordinal).Replace("(1.50", "(abs(1.50)", StringComparison.Ordinal);

    private static IReadOnlyList<string> Told(string sql) => [.. LintBench.Check(sql).Select(finding => $"{finding.Line} {LintBench.Name(finding)} {finding.Severity} {finding.Allowed} {finding.WrittenBefore}")];
}
