using CsCheck;
using DeployOps.Migrations.Sql;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Migrations.Sql;

/// <summary>Scripts are read as streams: where a block ends changes nothing, and no more is kept than a statement.</summary>
public sealed class SqlStreamTests
{
    private static readonly string[] Statements =
    [
        "SELECT 1", "SELECT 'a;''b'", "SELECT \"a;b\"", "UPDATE t SET x = 5 - -1 /* a; b */ WHERE y", "INSERT INTO t VALUES (1,\n2)", "SELECT é, 😀",
    ];

    private static readonly string[] OfPostgreSql =
    [
        .. Statements, @"SELECT E'a\'b;'", "SELECT E'a'\n'b\\';'", "SELECT U&'a;'", "DO $$ a; $$", "DO $b1$ $$;$$ $b$; $b1$", "SELECT x$y$z, $1", "SELECT /* ; /* ; */ */ 1",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; END", "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)",
    ];

    private static readonly string[] OfMariaDb = [.. Statements, @"SELECT 'a\';b'", "SELECT `a;b`", "SELECT 1 # a;\n+ 2", "SELECT 5--1", "/*!50003 SELECT 1 */"];

    private static readonly string[] OfSqlite = [.. Statements, "SELECT [a;b]", "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END"];

    private static readonly string[] Debris =
    [
        ";", "'", "\"", "`", "[", "$", "$$", "$a$", "E'", "U&'", "--", "-- ", "#", "/*", "/*!", "/*M!1 ", "*/", "*", "/", "-", "\\", "\\.", "\\set x", "\n", "\r\n", " ", "(", ")",
        "BEGIN ATOMIC ", "CASE ", "END", "CREATE ", "FUNCTION ", "COPY t FROM STDIN;\n", "\n\\.\n", "DELIMITER //\n", "DELIMITER", "//", "\nDELIMITER ;\n", "-- deployops: allow X\n", "x", "1", "é", "\0",
    ];

    private static readonly Gen<SqlDialect> Dialects = Gen.Int[0, 2].Select(number => (SqlDialect)number);

    private static readonly Gen<(SqlDialect Dialect, string[] Statements)> Joined = Dialects.SelectMany(dialect =>
    {
        var pool = dialect switch { SqlDialect.PostgreSql => OfPostgreSql, SqlDialect.MariaDb => OfMariaDb, _ => OfSqlite };
        return Gen.Int[0, pool.Length - 1].Array[0, 6].Select(chosen => (dialect, chosen.Select(one => pool[one]).ToArray()));
    });

    private static readonly Gen<(SqlDialect Dialect, string Script)> Mutated = Gen.Select(
        Joined,
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, Debris.Length - 1], Gen.Int[0, 3]).Array[1, 6],
        (joined, mutations) => (joined.Dialect, mutations.Aggregate(string.Join(";\n", joined.Statements), Mutate)));

    [Fact]
    public void Statements_that_are_joined_are_cut_apart_again_wherever_a_block_ends() => Property.Holds(Joined, joined =>
    {
        var script = string.Join(";\n", joined.Statements);
        return new[] { 1, 2, 3, 7, 1 << 14 }.All(block => Texts(script, joined.Dialect, block).SequenceEqual(joined.Statements));
    });

    [Fact]
    public void Any_script_is_cut_or_refused_with_a_line_of_it_wherever_a_block_ends()
    {
        var read = 0;

        Property.Holds(Mutated, mutated =>
        {
            var whole = Outcome(mutated.Script, mutated.Dialect, 1 << 14);
            read += whole[^1].StartsWith("Sql", StringComparison.Ordinal) ? 0 : 1;
            return new[] { 1, 2, 3, 5 }.All(block => Outcome(mutated.Script, mutated.Dialect, block).SequenceEqual(whole));
        });

        read.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void A_long_statement_takes_a_few_times_its_length()
    {
        var statement = $"SELECT '{new string('x', 4_000_000)}'";
        using var script = new StringReader(statement + "; SELECT 2");
        var before = GC.GetAllocatedBytesForCurrentThread();

        SqlStatements.Read(script, SqlDialect.PostgreSql).Count().ShouldBe(2);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(6L * sizeof(char) * statement.Length);
    }

    [Fact]
    public void A_reader_that_gives_little_at_a_time_gives_the_same()
    {
        using var script = new RepeatedReader("SELECT 'a;b';\n", 3) { AtOnce = 1 };

        SqlStatements.Read(script, SqlDialect.PostgreSql).Select(statement => statement.Line).ShouldBe([1, 2, 3]);
    }

    private static string Mutate(string script, (int At, int Piece, int Way) mutation)
    {
        var at = Math.Min(mutation.At, script.Length);
        return mutation.Way switch
        {
            0 => script[..at],
            1 => script.Remove(at, Math.Min(1, script.Length - at)),
            _ => script.Insert(at, Debris[mutation.Piece]),
        };
    }

    private static List<string> Texts(string script, SqlDialect dialect, int block)
    {
        using var reader = new StringReader(script);
        return [.. new SqlSplitter(reader, dialect, block).Read().Select(statement => statement.Text)];
    }

    // Every statement with its place, its pieces and its data; at last the error or the end.
    private static List<string> Outcome(string script, SqlDialect dialect, int block)
    {
        var seen = new List<string>();
        try
        {
            using var reader = new StringReader(script);
            foreach (var statement in new SqlSplitter(reader, dialect, block).Read())
            {
                var isThere = string.CompareOrdinal(script, (int)statement.Offset, statement.Text, 0, statement.Text.Length) == 0;
                seen.Add($"{isThere} {statement.Line} {statement.Offset} {statement.Tokens.Count > 0} {string.Join(',', statement.Directives)} {statement.Text}");
                seen.AddRange(statement.CopyLines ?? []);
            }

            seen.Add("end");
        }
        catch (SqlScriptException e)
        {
            seen.Add($"{e.ErrorId} {e.Message} {e.Line >= 1 && e.Line <= 1 + script.Count(letter => letter == '\n')}");
        }

        return seen;
    }
}
