using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations;

public sealed class MigrationFolderTests
{
    [Fact]
    public void A_repeatable_script_has_a_name_and_no_version_and_comes_last()
    {
        var scripts = MigrationFolder.Parse([new SqlFile("R__refresh_totals.SQL", default), new SqlFile("V10__a.sql", default), new SqlFile("R__Alerts.sql", default)]);

        scripts.Select(script => (script.FileName, Version: script.Version.ToString(), script.Description, script.IsRepeatable)).ShouldBe(
            [("V10__a.sql", "10", "a", false), ("R__Alerts.sql", "R__Alerts", "Alerts", true), ("R__refresh_totals.SQL", "R__refresh_totals", "refresh totals", true)]);
        MigrationVersion.TryParse("R__refresh_totals").ShouldBe(scripts[2].Version);
        MigrationVersion.TryParse("R__").ShouldBeNull();
        Should.Throw<DeployOpsException>(() => MigrationFolder.Parse([new SqlFile("R__a.sql", default), new SqlFile("R__a.SQL", default)])).Message.ShouldBe("R__a.SQL and R__a.sql are both R__a. Give one of them another name.");
    }

    [Fact]
    public void Scripts_come_by_number_with_their_undo_after_them()
    {
        var scripts = MigrationFolder.Parse([File("V10__ten.sql"), File("V2_4_0_1__add_orders_status.sql"), File("U2.4.0.1__back.sql"), File("V2_4__four.SQL"), File("readme.md")]);

        scripts.Select(script => script.FileName).ShouldBe(["V2_4__four.SQL", "V2_4_0_1__add_orders_status.sql", "U2.4.0.1__back.sql", "V10__ten.sql"]);
        scripts[1].Description.ShouldBe("add orders status");
        scripts.Select(script => script.IsUndo).ShouldBe([false, false, true, false]);
    }

    [Theory]
    [InlineData("add_orders.sql")]
    [InlineData("V1_add_orders.sql")]
    [InlineData("V__add_orders.sql")]
    [InlineData("V1__.sql")]
    [InlineData("V1__ .sql")]
    [InlineData("V1a__add.sql")]
    [InlineData("V1___.sql")]
    [InlineData("v1__add.sql")]
    [InlineData("R1__view.sql")]
    public void A_name_that_fits_neither_form_is_refused_and_the_form_is_shown(string name)
    {
        var error = Should.Throw<DeployOpsException>(() => MigrationFolder.Parse([File("V1__good.sql"), File(name)]));

        error.ErrorId.ShouldBe("MigrationNameInvalid");
        error.Message.ShouldStartWith(name + ":");
        error.Message.ShouldContain("V2_4_0_1__add_orders_status.sql");
    }

    [Theory]
    [InlineData("V2_4__a.sql", "V2.4.0__b.sql")]
    [InlineData("V007__a.sql", "V7__b.sql")]
    public void Two_names_of_one_version_are_refused(string first, string second)
    {
        var error = Should.Throw<DeployOpsException>(() => MigrationFolder.Parse([File(first), File(second)]));

        error.ErrorId.ShouldBe("MigrationVersionDuplicate");
        error.Message.ShouldContain(first);
        error.Message.ShouldContain(second);
    }

    [Fact]
    public void An_undo_of_nothing_is_refused()
    {
        var error = Should.Throw<DeployOpsException>(() => MigrationFolder.Parse([File("V1__a.sql"), File("U2__b.sql")]));

        error.ErrorId.ShouldBe("MigrationUndoWithoutVersion");
        error.Message.ShouldContain("U2__b.sql");
    }

    [Theory]
    [InlineData("SELECT 1;\r\nSELECT 2;\r\n", false)]
    [InlineData("SELECT 1;\rSELECT 2;\r", false)]
    [InlineData("SELECT 1;\nSELECT 2;\n", true)]
    [InlineData("SELECT 1;\r\nSELECT 2;\r\n", true)]
    public void Line_endings_and_a_byte_order_mark_change_neither_the_checksum_nor_the_text(string text, bool mark)
    {
        var plain = MigrationFolder.Parse([File("V1__a.sql", "SELECT 1;\nSELECT 2;\n")]).Single();
        byte[] bytes = [.. mark ? Encoding.UTF8.GetPreamble() : [], .. Encoding.UTF8.GetBytes(text)];

        var script = MigrationFolder.Parse([new SqlFile("V1__a.sql", bytes)]).Single();

        script.Checksum.ShouldBe(plain.Checksum);
        script.Sql.ShouldBe(plain.Sql);
    }

    [Theory]
    [InlineData("SELECT 1;\nSELECT 3;\n")]
    [InlineData("SELECT 1;\n\nSELECT 2;\n")]
    [InlineData("SELECT 1;\nSELECT 2;")]
    [InlineData("select 1;\nSELECT 2;\n")]
    public void Any_other_change_changes_the_checksum(string text)
    {
        var plain = MigrationFolder.Parse([File("V1__a.sql", "SELECT 1;\nSELECT 2;\n")]).Single();

        MigrationFolder.Parse([File("V1__a.sql", text)]).Single().Checksum.ShouldNotBe(plain.Checksum);
    }

    [Fact]
    public void The_checksum_is_the_SHA_256_of_the_text() =>
        MigrationFolder.Parse([File("V1__a.sql", "abc")]).Single().Checksum.ShouldBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x53, 0x00 })]
    [InlineData(new byte[] { 0x53, 0xE4, 0x74 })]
    [InlineData(new byte[] { 0x53, 0x00, 0x45, 0x00 })]
    public void What_is_not_UTF_8_text_is_refused(byte[] content)
    {
        var error = Should.Throw<DeployOpsException>(() => MigrationFolder.Parse([new SqlFile("V1__a.sql", content)]));

        error.ErrorId.ShouldBe("MigrationEncodingInvalid");
        error.Message.ShouldContain("V1__a.sql");
    }

    [Fact]
    public async Task A_folder_on_disk_is_read_without_its_subfolders()
    {
        var folder = Directory.CreateTempSubdirectory("deployops-migrations-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "old"));
            await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "V2__b.sql"), "SELECT 2;");
            await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "V1__a.sql"), "SELECT 1;");
            await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "no script");
            await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "old", "V3__c.sql"), "SELECT 3;");

            var scripts = await MigrationFolder.LoadAsync(folder, default);

            scripts.Select(script => script.Sql).ShouldBe(["SELECT 1;", "SELECT 2;"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"deployops-{Guid.NewGuid():N}");

        var error = await Should.ThrowAsync<DeployOpsException>(MigrationFolder.LoadAsync(folder, default));

        error.ErrorId.ShouldBe("SqlFolderMissing");
        error.Message.ShouldContain(folder);
    }

    private static SqlFile File(string name, string text = "SELECT 1;") => new(name, Encoding.UTF8.GetBytes(text));
}
