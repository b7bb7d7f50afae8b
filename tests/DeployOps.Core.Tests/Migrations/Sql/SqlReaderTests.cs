using System.Security.Cryptography;
using System.Text;
using CsCheck;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Migrations.Sql;

/// <summary>A file is read in blocks: where one ends changes neither the text nor the hashes.</summary>
public sealed class SqlReaderTests
{
    private const int Block = 64 * 1024;
    private static readonly string[] Pieces = ["a", "\r", "\n", "\r\n", "é", "😀", "\uFEFF", "--", ";"];

    [Theory]
    [InlineData("\r\n", "\n")]
    [InlineData("\r", "\n")]
    [InlineData("\r\r\n\n", "\n\n\n")]
    [InlineData("é", "é")]
    [InlineData("😀", "😀")]
    public void What_lies_across_the_end_of_a_block_is_read_as_anywhere_else(string piece, string expected)
    {
        for (var before = Block - 6; before <= Block + 1; before++)
        {
            var text = new string('x', before) + piece + "y";

            using var reader = new SqlReader(File(Encoding.UTF8.GetBytes(text)));
            var read = reader.ReadToEnd();

            read.ShouldBe(new string('x', before) + expected + "y");
            reader.Checksum.ShouldBe(Hash(read));
            reader.RawChecksum.ShouldBe(Hash(text));
        }
    }

    [Theory]
    [InlineData("SELECT 'a\rb';\nSELECT 1;", 1)]
    [InlineData("SELECT 1;\nCOPY t FROM STDIN;\n1\tx\ry\n\\.\n", 3)]
    [InlineData("SELECT 1;\r\nSELECT 'a\rb';\r\n", 2)]
    [InlineData("SELECT 1;\r\nSELECT 2;\r\n", null)]
    [InlineData("SELECT 1;\rSELECT 2;\r", null)]
    [InlineData("SELECT 1;\r\r\nSELECT 2;\r", null)]
    public void A_return_that_ends_no_line_is_refused_and_none_that_ends_one(string sql, int? line)
    {
        foreach (var block in (int[])[4, 5, 6, 7, Block])
        {
            using var reader = new SqlReader(File(Encoding.UTF8.GetBytes(sql)), block);
            reader.Skip();
            reader.StrayReturn.ShouldBe(line);
        }

        var script = MigrationFolder.Parse([new SqlFile("V1__a.sql", Encoding.UTF8.GetBytes(sql))]).Single();
        var error = Record.Exception(() => script.Statements(SqlDialect.PostgreSql).Count()) as DeployOpsException;
        (error?.ErrorId, error?.Message.StartsWith($"V1__a.sql:{line}: a carriage return stands here", StringComparison.Ordinal)).ShouldBe(line is null ? (null, null) : ("SqlReturnStray", true));
    }

    [Fact]
    public void Any_text_reads_as_it_does_in_one_piece() => Property.Holds(
        Gen.Select(Gen.Int[0, Pieces.Length - 1].Array[0, 50], Gen.Int[4, 20]),
        drawn =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(drawn.Item1.Select(one => Pieces[one])));
            using var reader = new SqlReader(File(bytes), drawn.Item2);
            return reader.ReadToEnd() == SqlText.TryDecode(bytes);
        });

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98 })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0xFF })]
    public void What_is_no_text_is_found_wherever_it_stands(byte[] piece)
    {
        for (var before = Block - 4; before <= Block + 1; before++)
        {
            using var reader = new SqlReader(File([.. Enumerable.Repeat((byte)'x', before), .. piece]));

            Should.Throw<DeployOpsException>(reader.Skip).ErrorId.ShouldBe("MigrationEncodingInvalid");
        }
    }

    [Fact]
    public void A_script_whose_bytes_change_after_it_was_planned_is_refused_when_it_is_read()
    {
        var path = Path.Combine(Path.GetTempPath(), $"V1__{Guid.NewGuid():N}.sql");
        try
        {
            System.IO.File.WriteAllText(path, "SELECT 1;\n");
            var script = MigrationFolder.Parse([SqlFile.At(path)]).Single();
            script.Sql.ShouldBe("SELECT 1;\n");
            System.IO.File.WriteAllText(path, "SELECT 1;\r\n");

            var error = Should.Throw<DeployOpsException>(() => script.Statements(SqlDialect.PostgreSql).ToList());
            System.IO.File.Delete(path);
            var gone = Should.Throw<DeployOpsException>(() => script.Sql);

            error.ErrorId.ShouldBe("MigrationScriptChanged");
            gone.ErrorId.ShouldBe("SqlFileUnreadable");
            gone.Message.ShouldContain(Path.GetFileName(path));
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    [Fact]
    public void The_raw_hash_tells_line_endings_apart_and_the_other_does_not()
    {
        var unix = MigrationFolder.Parse([new SqlFile("V1__a.sql", "SELECT 1;\n"u8.ToArray())]).Single();
        var windows = MigrationFolder.Parse([new SqlFile("V1__a.sql", "SELECT 1;\r\n"u8.ToArray())]).Single();

        windows.Checksum.ShouldBe(unix.Checksum);
        windows.RawChecksum.ShouldNotBe(unix.RawChecksum);
        windows.RawChecksum.ShouldBe(Hash("SELECT 1;\r\n"));
    }

    private static SqlFile File(byte[] bytes) => new("V1__a.sql", bytes);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
