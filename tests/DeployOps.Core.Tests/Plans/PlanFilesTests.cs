using DeployOps.Plans.Approvals;
using DeployOps.Windows.Homes;

namespace DeployOps.Plans;

public sealed class PlanFilesTests : IDisposable
{
    private readonly PlanFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_approval_covers_what_the_plan_names_and_nothing_that_the_release_changes()
        => Capture().Files.Select(file => file.Path).ShouldBe(
        [
            "deploy-instance.ps1", "migrations/U1__a.sql", "migrations/V1__a.sql", "plan.psd1", "release.ps1", "settings/one.json",
            "smoke/a.hurl", "smoke/b.hurl", "validations/orders.sql",
        ]);

    [Theory]
    [InlineData("deploy-instance.ps1", true)]
    [InlineData("migrations/U1__a.sql", true)]
    [InlineData("migrations/V1__a.sql", true)]
    [InlineData("migrations/V2__new.sql", true)]
    [InlineData("migrations/deeper/V3__new.SQL", true)]
    [InlineData("migrations/.hidden.sql", true)]
    [InlineData("release.ps1", true)]
    [InlineData("settings/one.json", true)]
    [InlineData("settings/two.json", true)]
    [InlineData("smoke/a.hurl", true)]
    [InlineData("validations/orders.sql", true)]
    [InlineData("validations/orders.csv", true)]
    [InlineData("validations/expected/orders.CSV", true)]
    [InlineData("migrations/orders.csv", false)]
    [InlineData("migrations/readme.txt", false)]
    [InlineData("state/edge.json", false)]
    public void The_digest_changes_with_every_file_it_covers(string name, bool changes)
    {
        var before = Capture().Digest;

        folder.Write(name, "other content");

        (Capture().Digest != before).ShouldBe(changes);
    }

    [Fact]
    public void The_digest_changes_with_a_comment_in_the_plan_and_with_a_name()
    {
        var before = Capture().Digest;

        var respelled = PlanFiles.Capture(folder.Read(PlanFolder.Whole + "\n")).Digest;
        File.Move(Path.Combine(folder.Folder, "smoke/a.hurl"), Path.Combine(folder.Folder, "smoke/c.hurl"));

        respelled.ShouldNotBe(before);
        Capture().Digest.ShouldNotBe(before);
    }

    [Fact]
    public void The_digest_is_the_same_wherever_the_folder_lies()
    {
        using var other = new PlanFolder();

        PlanFiles.Capture(other.Read(PlanFolder.Whole)).Digest.ShouldBe(Capture().Digest);
    }

    [Fact]
    public void What_was_approved_is_read_whatever_happens_on_disk()
    {
        var files = Capture();

        folder.Write("release.ps1", "something else");
        folder.Write("migrations/V9__late.sql", "drop table orders");

        files.Text("release.ps1").ShouldBe("content of release.ps1");
        files.Text(Path.Combine(folder.Folder, "smoke/a.hurl")).ShouldBe("content of smoke/a.hurl");
        files.In("migrations", ".sql").Select(file => Path.GetFileName(file.Path)).ShouldBe(["U1__a.sql", "V1__a.sql"]);
        files.Contains("migrations/V9__late.sql").ShouldBeFalse();
    }

    [Fact]
    public void The_plan_that_was_read_is_the_plan_that_is_hashed()
    {
        var reading = folder.Read(PlanFolder.Whole);
        var before = PlanFiles.Capture(reading).Digest;

        folder.Write("plan.psd1", PlanFolder.Small);

        PlanFiles.Capture(reading).Digest.ShouldBe(before);
    }

    [Fact]
    public void A_text_is_decoded_by_its_byte_order_mark()
    {
        File.WriteAllBytes(Path.Combine(folder.Folder, "release.ps1"), [0xEF, 0xBB, 0xBF, (byte)'o', (byte)'k']);

        Capture().Text("release.ps1").ShouldBe("ok");
    }

    [Fact]
    public void A_file_nobody_approved_is_refused()
        => Should.Throw<DeployOpsException>(() => Capture().Text("state/edge.json")).ErrorId.ShouldBe("FileNotApproved");

    [Fact]
    public void A_file_that_went_away_after_reading_is_told_by_name()
    {
        var reading = folder.Read(PlanFolder.Whole);
        File.Delete(Path.Combine(folder.Folder, "release.ps1"));

        var error = Should.Throw<DeployOpsException>(() => PlanFiles.Capture(reading));

        error.ErrorId.ShouldBe("PlanFileUnreadable");
        error.Message.ShouldContain("release.ps1");
    }

    [Fact]
    public void A_long_script_is_covered_kept_and_read_from_the_disk_and_another_content_is_refused()
    {
        var text = string.Concat(Enumerable.Repeat("INSERT INTO orders VALUES (1);\n", 150_000));
        folder.Write("migrations/V1__a.sql", text);
        var files = Capture();
        var window = Directory.CreateDirectory(Path.Combine(folder.Folder, "window")).FullName;

        var kept = KeptFiles.Write(window, files);
        folder.Write("migrations/V1__a.sql", "SELECT 1;");
        var read = KeptFiles.ReadAll(window, files.Files.First(file => file.Path == "plan.psd1").FullPath, kept);

        var script = read.Files.First(file => file.Path == "migrations/V1__a.sql");
        script.Content.Length.ShouldBe(0);
        using (var stream = new StreamReader(script.Open()))
        {
            stream.ReadToEnd().ShouldBe(text);
        }

        read.Digest.ShouldBe(files.Digest);
        Should.Throw<DeployOpsException>(() => KeptFiles.Write(Directory.CreateDirectory(Path.Combine(folder.Folder, "other")).FullName, files)).ErrorId.ShouldBe("KeptFileInvalid");
        File.AppendAllText(Path.Combine(window, "files", script.Sha256), " ");
        Should.Throw<DeployOpsException>(() => KeptFiles.ReadAll(window, files.Files.First(file => file.Path == "plan.psd1").FullPath, kept)).ErrorId.ShouldBe("KeptFileInvalid");
    }

    [Fact]
    public void A_listing_can_be_read_in_one_way_only()
    {
        var hash = new string('a', 64);

        PlanDigest.Of([("x\n" + hash + " 1 y", hash)]).ShouldNotBe(PlanDigest.Of([("x", hash), ("y", hash)]));
        PlanDigest.Of([("y", hash), ("x", hash)]).ShouldBe(PlanDigest.Of([("x", hash), ("y", hash)]));
    }

    private ApprovedFiles Capture() => PlanFiles.Capture(folder.Read(PlanFolder.Whole));
}
