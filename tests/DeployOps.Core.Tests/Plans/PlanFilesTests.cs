using DeployOps.Plans.Approvals;

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
    public void A_listing_can_be_read_in_one_way_only()
    {
        var hash = new string('a', 64);

        PlanDigest.Of([("x\n" + hash + " 1 y", hash)]).ShouldNotBe(PlanDigest.Of([("x", hash), ("y", hash)]));
        PlanDigest.Of([("y", hash), ("x", hash)]).ShouldBe(PlanDigest.Of([("x", hash), ("y", hash)]));
    }

    private ApprovedFiles Capture() => PlanFiles.Capture(folder.Read(PlanFolder.Whole));
}
