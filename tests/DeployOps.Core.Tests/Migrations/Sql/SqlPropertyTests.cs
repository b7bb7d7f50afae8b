using System.Text;
using CsCheck;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Migrations.Sql;

public sealed class SqlPropertyTests
{
    private static readonly string[] Pieces =
    [
        "SELECT 1", "CREATE TABLE t (id INTEGER)", "CREATE TEMP TRIGGER x BEGIN ", "EXPLAIN QUERY PLAN ", "END", ";", ";;", "'it''s'", "'", "\"a;b\"", "\"", "`", "[a;b]", "[", "--", "-- a;b\n", "/*", "*/", "/* ; */",
        "-- verify: orders\n", "-- verify:\n", "-- expect: no rows\n", "-- expect: rows 3\n", "-- expect: >= 1\n", "-- expect: soon\n", "-- other: x\n", "x'00'", "$1", "é", "\n", "\r\n", " ", "\t", "\u2028", "0", "\\", "😀",
    ];

    private static readonly Gen<string> Texts = Gen.Int[0, Pieces.Length - 1].Array[0, 25].Select(pieces => string.Concat(pieces.Select(piece => Pieces[piece])));

    [Fact]
    public void What_is_between_the_statements_of_any_text_is_nothing_that_would_run() => Property.Holds(Texts, text =>
    {
        var at = 0;
        foreach (var statement in SqlStatements.Read(text))
        {
            var begin = (int)statement.Offset;
            if (begin < at || !text.AsSpan(begin).StartsWith(statement.Text, StringComparison.Ordinal) || !IsNothing(text[at..begin]) || statement.Line != 1 + text.AsSpan(0, begin).Count('\n'))
            {
                return false;
            }

            at = begin + statement.Text.Length;
        }

        return IsNothing(text[at..]);
    });

    [Fact]
    public void Any_file_of_queries_is_read_or_refused_at_a_line_of_it()
    {
        var read = 0;

        Property.Holds(Texts, text =>
        {
            try
            {
                var queries = ValidationFile.Parse(new SqlFile("orders.sql", Encoding.UTF8.GetBytes(text)));
                read++;
                return queries.Count > 0 && queries.All(query => query.Line >= 1 && query.Line <= 1 + text.Count(letter => letter is '\n' or '\r'));
            }
            catch (DeployOpsException e) when (e.ErrorId == "ValidationFileInvalid")
            {
                var line = e.Message.Split(':')[1];
                return int.TryParse(line, out var number) && number >= 1 && number <= 1 + text.Count(letter => letter is '\n' or '\r');
            }
        });

        read.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Any_names_and_bytes_are_scripts_or_refused_with_a_typed_error()
    {
        string[] names = ["V", "U", "1", "2", "_", "__", ".", "a", "it's; \"x\"", "é", "\n", "/", "..", " ", "V1__a", "V01__b", "U1__a", "V1_0__c", ".sql", ".SQL", new string('9', 40)];
        var name = Gen.Int[0, names.Length - 1].Array[1, 6].Select(pieces => string.Concat(pieces.Select(piece => names[piece])));
        var files = Gen.Select(name, Gen.Byte.Array[0, 20], Gen.Bool, (file, bytes, isWhole) => new SqlFile(isWhole ? $"V{file.Length}__{file}.sql" : file, bytes));
        var read = 0;

        Property.Holds(files.Array[0, 4], several =>
        {
            try
            {
                var scripts = MigrationFolder.Parse(several);
                read += scripts.Count > 0 ? 1 : 0;
                return scripts.All(script => script.Checksum.Length == 64 && script.FileName.EndsWith(".sql", StringComparison.OrdinalIgnoreCase));
            }
            catch (DeployOpsException e)
            {
                return e.ErrorId is "MigrationNameInvalid" or "MigrationEncodingInvalid" or "MigrationVersionDuplicate" or "MigrationUndoWithoutVersion";
            }
        });

        read.ShouldBeGreaterThan(100);
    }

    private static bool IsNothing(string text) => SqlLexer.Read(text).All(token => token.IsComment || token.Kind == SqlTokenKind.Semicolon);
}
