using System.Globalization;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;

namespace DeployOps.Core.Tests.Plans.Approvals;

public sealed class ApprovalTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly OperatorIdentity Lead = new("release-lead", "desk");
    private static readonly OperatorIdentity Executor = new("operator", "edge");

    private readonly PlanFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_plan_as_it_was_approved_goes_ahead() => Ids(Check(Approve())).ShouldBeEmpty();

    [Fact]
    public void A_plan_nobody_approved_is_refused() => Ids(Check(null)).ShouldBe(["PlanNotApproved"]);

    [Theory]
    [InlineData(0, null)]
    [InlineData(14400, null)]
    [InlineData(14401, "ApprovalExpired")]
    [InlineData(-300, null)]
    [InlineData(-301, "ApprovalFromFuture")]
    public void An_approval_counts_four_hours_up_to_and_including(int seconds, string? id)
        => Ids(Check(Approve(), now: Noon.AddSeconds(seconds))).ShouldBe(id is null ? [] : [id]);

    [Fact]
    public void Each_file_that_differs_is_named()
    {
        var approval = Approve();
        folder.Write("release.ps1", "other");
        folder.Write("migrations/V2__b.sql", "new");
        File.Delete(Path.Combine(folder.Folder, "smoke/b.hurl"));

        var deviation = Check(approval).ShouldHaveSingleItem();

        deviation.Id.ShouldBe("PlanChanged");
        deviation.Message.ShouldEndWith("migrations/V2__b.sql is new, release.ps1 changed, smoke/b.hurl is gone.");
    }

    [Theory]
    [InlineData("Service = 'shop'", "Service = 'till'")]
    [InlineData("'production'", "'staging'")]
    [InlineData("'2.4.0'", "'2.5.0'")]
    public void An_approval_for_another_release_does_not_count(string was, string becomes)
    {
        var approval = Approve();

        Ids(Check(approval, PlanFolder.Whole.Replace(was, becomes, StringComparison.Ordinal))).ShouldBe(["ApprovalForAnotherPlan", "PlanChanged"]);
    }

    [Fact]
    public void The_plans_lead_must_have_approved()
        => Ids(Check(Approve(new OperatorIdentity("somebody", "desk")))).ShouldBe(["ApprovalByAnother"]);

    [Fact]
    public void Who_approved_cannot_start() => Ids(Check(Approve(), executor: new OperatorIdentity("Release-Lead", "edge"))).ShouldBe(["FourEyes"]);

    [Theory]
    [InlineData("operator", true)]
    [InlineData("OPERATOR", true)]
    [InlineData("visitor", false)]
    public void The_plans_executor_must_start(string name, bool goesAhead)
    {
        var text = PlanFolder.Whole.Replace("Lead = ", "Executor = 'operator'; Lead = ", StringComparison.Ordinal);

        var deviations = Check(Approve(text: text), text, executor: new OperatorIdentity(name, "edge"));

        Ids(deviations).ShouldBe(goesAhead ? [] : ["ExecutorNotInTeam"]);
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-01:00:00")]
    [InlineData("00:00:59")]
    [InlineData("30.00:00:01")]
    public void An_approval_counts_for_at_least_a_minute_and_at_most_a_month(string span)
    {
        var reading = folder.Read(PlanFolder.Whole);

        Should.Throw<DeployOpsException>(() => PlanApproval.Approve(reading.Require(), PlanFiles.Capture(reading), Lead, Noon, TimeSpan.Parse(span, CultureInfo.InvariantCulture)))
            .ErrorId.ShouldBe("ApprovalValidityOutOfRange");
    }

    [Fact]
    public void An_approval_is_read_as_it_was_written()
    {
        var approval = Approve();

        var path = ApprovalFile.Write(folder.PlanPath, approval);
        var read = ApprovalFile.Read(folder.PlanPath).ShouldNotBeNull();

        path.ShouldBe(folder.PlanPath + ".approval.json");
        read.Files.ShouldBe(approval.Files);
        (read with { Files = approval.Files }).ShouldBe(approval);
        Directory.GetFiles(folder.Folder, "*.tmp").ShouldBeEmpty();
    }

    [Fact]
    public void A_new_approval_takes_the_place_of_the_old()
    {
        ApprovalFile.Write(folder.PlanPath, Approve());

        ApprovalFile.Write(folder.PlanPath, Approve(new OperatorIdentity("deputy", "desk")));

        ApprovalFile.Read(folder.PlanPath).ShouldNotBeNull().ApprovedBy.ShouldBe("deputy");
    }

    [Fact]
    public void No_file_means_no_approval() => ApprovalFile.Read(folder.PlanPath).ShouldBeNull();

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2")]
    [InlineData("  \"format\": 1,\n", "")]
    [InlineData("\"release-lead\"", "\"\"")]
    [InlineData("\"release-lead\"", "null")]
    [InlineData("\"path\": \"release.ps1\"", "\"path\": \"other.ps1\"")]
    [InlineData("\"path\": \"release.ps1\"", "\"path\": \"plan.psd1\"")]
    [InlineData("\"sha256\": \"", "\"sha256\": \"g")]
    [InlineData("\"host\"", "\"hostt\"")]
    [InlineData("\"host\"", "\"service\"")]
    [InlineData("{", "[")]
    [InlineData("T12:00:00", "T99:00:00")]
    public void An_approval_edited_by_hand_is_refused(string was, string becomes)
    {
        var path = ApprovalFile.Write(folder.PlanPath, Approve());
        var text = File.ReadAllText(path);
        text.ShouldContain(was);

        File.WriteAllText(path, text.Replace(was, becomes, StringComparison.Ordinal));

        Should.Throw<DeployOpsException>(() => ApprovalFile.Read(folder.PlanPath)).ErrorId.ShouldBe("ApprovalUnreadable");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("7")]
    public void What_is_no_approval_is_refused(string content)
    {
        File.WriteAllText(ApprovalFile.PathFor(folder.PlanPath), content);

        Should.Throw<DeployOpsException>(() => ApprovalFile.Read(folder.PlanPath)).ErrorId.ShouldBe("ApprovalUnreadable");
    }

    [Fact]
    public void An_approval_that_cannot_be_written_leaves_no_scratch_file()
    {
        Directory.CreateDirectory(ApprovalFile.PathFor(folder.PlanPath));

        Should.Throw<DeployOpsException>(() => ApprovalFile.Write(folder.PlanPath, Approve())).ErrorId.ShouldBe("ApprovalUnwritable");
        Directory.GetFiles(folder.Folder, "*.tmp").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, "root")]
    [InlineData("", "root")]
    [InlineData("alice", "alice")]
    public void Who_calls_sudo_is_who_acts(string? caller, string expected)
        => OperatorIdentity.From(name => name == "SUDO_USER" ? caller : null, "root", "edge").ShouldBe(new OperatorIdentity(expected, "edge"));

    private static IEnumerable<string> Ids(IEnumerable<PlanDeviation> deviations) => deviations.Select(deviation => deviation.Id);

    private PlanApproval Approve(OperatorIdentity? approver = null, string text = PlanFolder.Whole)
    {
        var reading = folder.Read(text);
        return PlanApproval.Approve(reading.Require(), PlanFiles.Capture(reading), approver ?? Lead, Noon);
    }

    private IReadOnlyList<PlanDeviation> Check(PlanApproval? approval, string text = PlanFolder.Whole, DateTimeOffset? now = null, OperatorIdentity? executor = null)
    {
        var reading = folder.Read(text);
        return ApprovalCheck.Check(reading.Require(), PlanFiles.Capture(reading), approval, now ?? Noon, executor ?? Executor);
    }
}
