using CsCheck;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Migrations.Lint;

public sealed class LintPropertyTests
{
    private static readonly string[] Words =
    [
        "ALTER", "TABLE", "ADD", "COLUMN", "CONSTRAINT", "UNIQUE", "PRIMARY KEY", "FOREIGN KEY", "REFERENCES", "CHECK", "NOT NULL", "NOT VALID", "VALIDATE", "DROP", "CASCADE", "CREATE", "INDEX", "CONCURRENTLY",
        "ON", "ONLY", "IF NOT EXISTS", "TYPE", "SET", "DEFAULT", "RENAME", "TO", "UPDATE", "DELETE FROM", "WHERE", "WITH", "AS", "VACUUM", "FULL", "REINDEX", "CLUSTER", "LOCK", "TRUNCATE", "RESET", "TRIGGER",
        "ATTACH PARTITION", "MODIFY", "CHANGE", "ALGORITHM", "PRAGMA", "foreign_keys", "lock_timeout", "BEGIN", "COMMIT", "GENERATED", "IDENTITY", "(", ")", ",", ";", ".", "=", "*", "t", "a", "\"B\"", "'x'", "0", "now()", "serial",
        "-- deployops: allow LCK002 reason=\"x\"\n", "-- deployops: destructive\n", "-- deployops:\n", "-- deployops: transaction=none\n",
    ];

    [Fact]
    public void Any_words_are_looked_at_without_an_error()
    {
        var found = 0;
        var scripts = Gen.Int[0, Words.Length - 1].Array[0, 25].Select(chosen => string.Join(' ', chosen.Select(one => Words[one])));

        Property.Holds(Gen.Select(scripts, Gen.Int[0, 2]), one =>
        {
            var findings = LintBench.Check(one.Item1, (SqlDialect)one.Item2);
            found += findings.Count;
            return findings.All(finding => finding.Line >= 1 && finding.Line <= 1 + one.Item1.Count(letter => letter == '\n') && finding.Rule.Length is 5 or 6);
        });

        found.ShouldBeGreaterThan(1000);
    }
}
