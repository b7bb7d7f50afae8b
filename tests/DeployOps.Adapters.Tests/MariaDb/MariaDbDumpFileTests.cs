using System.Text;
using DeployOps.Adapters.MariaDb;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbDumpFileTests
{
    private const string Event = "/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `ni``ght` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE COMMENT 'PRESERVE ENABLE' DO SELECT 'PRESERVE ENABLE'";

    [Fact]
    public async Task Only_what_makes_an_event_is_changed_and_every_other_byte_stays()
    {
        var random = new Random(7);
        var noise = new byte[200_000];
        random.NextBytes(noise);
        byte[] whole = [.. noise, .. Latin("\n/*!50106 CREATE*\n"), .. Latin(Event + "\n*/ ;;\nINSERT '" + Event + "'\r\n\r"), .. noise, .. Latin("\n/*!50106")];
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, whole);
        using var copy = new MemoryStream();

        var enabled = await MariaDbDumpFile.CopyAsync(file, copy, null, default);
        File.Delete(file);

        enabled.ShouldBe(["ni`ght"]);
        var expected = Encoding.Latin1.GetString(whole).Replace($"\n{Event}\n", $"\n{Event.Replace("NOT PRESERVE ENABLE", "NOT PRESERVE DISABLE", StringComparison.Ordinal)}\n", StringComparison.Ordinal);
        copy.ToArray().ShouldBe(Latin(expected));
    }

    [Fact]
    public async Task Defaults_that_the_dump_changes_for_a_while_are_those_of_the_database_it_is_restored_into()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "ALTER DATABASE `sh``op` CHARACTER SET latin1 COLLATE latin1_bin ;\nDELIMITER ;;\nALTER DATABASE `shop` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;;\n ALTER DATABASE `shop` CHARACTER SET latin1 COLLATE latin1_bin ;\nALTER DATABASE `shop` COMMENT 'x';\n");
        using var copy = new MemoryStream();

        await MariaDbDumpFile.CopyAsync(file, copy, null, default);
        File.Delete(file);

        Encoding.UTF8.GetString(copy.ToArray()).ShouldBe(
            "ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin ;\nDELIMITER ;;\nALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;;\n ALTER DATABASE `shop` CHARACTER SET latin1 COLLATE latin1_bin ;\nALTER DATABASE `shop` COMMENT 'x';\n");
    }

    [Theory]
    [InlineData("-- Dump completed on 2026-01-01  1:02:03\n", true)]
    [InlineData("-- Dump completed\n", true)]
    [InlineData("-- Dump completed on 2026-01-01", false)]
    [InlineData("INSERT INTO a VALUES ('-- Dump completed');\n", false)]
    [InlineData("-- Dump completed\nINSERT INTO a VALUES (1);\n", false)]
    [InlineData("", false)]
    public async Task A_dump_is_whole_where_its_last_line_says_so(string end, bool expected)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, end.Length == 0 ? "" : new string('x', 3000) + "\n" + end);

        (await MariaDbDumpFile.IsCompleteAsync(file, default)).ShouldBe(expected);
        File.Delete(file);
    }

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
