using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Plans.Approvals;
using DeployOps.Secrets;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Plans;

/// <summary>Files and folders that this account may not read.</summary>
public sealed class UnreadableTests : IDisposable
{
    private const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly PlanFolder folder = new();
    private readonly List<string> closed = [];

    public UnreadableTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems give one thread no rights of its own.");
        folder.Write("plan.psd1", PlanFolder.Whole);
        SetMode(folder.Folder, Open);
    }

    public void Dispose()
    {
        closed.ForEach(path => SetMode(path, Open));
        folder.Dispose();
    }

    [Fact]
    public void A_plan_nobody_may_read_is_named()
    {
        Close("plan.psd1");

        Refused(() => Read()).ShouldBe($"PlanUnreadable: The plan '{folder.PlanPath}' cannot be read: Access to the path '{folder.PlanPath}' is denied. Check that it is a UTF-8 text file this account may read.");
    }

    [Theory]
    [InlineData("migrations")]
    [InlineData("migrations/V1__a.sql")]
    [InlineData("smoke/a.hurl")]
    [InlineData("deploy-instance.ps1")]
    public void What_a_plan_names_and_nobody_may_read_is_named(string name)
    {
        Close(name);

        var said = Refused(() => PlanFiles.Capture(Read()));

        said.ShouldStartWith($"PlanFileUnreadable: The plan names '{Path.Combine(folder.Folder, name)}', which cannot be read: ");
        said.ShouldEndWith("Check that it exists and that this account may read it.");
    }

    [Fact]
    public void A_folder_whose_files_are_asked_for_by_a_pattern_is_a_mistake_at_its_place()
    {
        Close("smoke");

        Nobody.Run(Read).Errors.ShouldHaveSingleItem().ToString().ShouldStartWith("plan.psd1:13:18 Smoke[0] 'smoke/*.hurl': cannot be listed: Access to the path");
    }

    [Fact]
    public void An_approval_nobody_may_read_is_not_taken_for_none()
    {
        folder.Write("plan.psd1.approval.json", "{}");
        Close("plan.psd1.approval.json");

        Refused(() => ApprovalFile.Read(folder.PlanPath)!).ShouldStartWith("ApprovalUnreadable: ");
    }

    [Fact]
    public void A_secret_nobody_may_read_is_a_mistake_at_its_place()
    {
        folder.Write("plan.psd1", PlanFolder.Whole.Replace("Data Source=state/shop.db", "file:secret.txt", StringComparison.Ordinal));
        folder.Write("secret.txt", "Data Source=hunter22");
        Close("secret.txt");

        Nobody.Run(Read).Errors.ShouldHaveSingleItem().ToString().ShouldEndWith("(SecretUnreadable)");
    }

    [Theory]
    [InlineData("home")]
    [InlineData("home/shop")]
    [InlineData("home/shop/production")]
    [InlineData("home/shop/production/windows")]
    [InlineData("home/shop/production/windows/shop-2.4.0-1")]
    public void A_folder_of_the_home_that_nobody_may_look_into_is_named_and_not_taken_for_an_empty_one(string name)
    {
        folder.Write("home/shop/production/windows/shop-2.4.0-1/journal.jsonl", "");
        folder.Write("home/stock/production/windows/stock-1.0.0-1/journal.jsonl", "");
        Close(name);

        var said = Refused(() => Look(Home().WindowFolders()));

        said.ShouldStartWith($"HomeUnreadable: {Path.Combine(folder.Folder, name)}");
        said.ShouldEndWith("Check that it is a folder which this account may read and enter; $env:DEPLOYOPS_HOME chooses another home.");
    }

    [Theory]
    [InlineData("home")]
    [InlineData("home/shop/production/windows")]
    public void A_file_in_place_of_a_folder_of_the_home_is_named(string name)
    {
        folder.Write(name, "no folder");

        Refused(() => Look(Home().WindowFolders())).ShouldStartWith($"HomeUnreadable: {Path.Combine(folder.Folder, name)} cannot be looked into");
    }

    [Fact]
    public void A_folder_that_nobody_may_look_into_does_not_hide_the_others()
    {
        folder.Write("home/shop/production/windows/shop-2.4.0-1/journal.jsonl", "");
        folder.Write("home/stock/production/windows/stock-1.0.0-1/journal.jsonl", "");
        Close("home/stock/production");

        var found = Nobody.Run(Home().WindowFolders);

        found.Folders.ShouldBe([Path.Combine(folder.Folder, "home/shop/production/windows/shop-2.4.0-1")]);
        found.Unreadable.ShouldHaveSingleItem().Target.ShouldBe(Path.Combine(folder.Folder, "home/stock/production/windows"));
    }

    [Theory]
    [InlineData("home/shop/production/windows")]
    [InlineData("home/shop/staging/windows/shop-2.4.0-1")]
    public void The_id_of_the_next_window_is_not_told_from_what_nobody_may_look_into(string name)
    {
        folder.Write("home/shop/production/windows/shop-2.4.0-2/journal.jsonl", "");
        folder.Write("home/shop/staging/windows/shop-2.4.0-1/journal.jsonl", "");
        Close(name);

        Refused(() => Home().NextId("shop", "production", "2.4.0")).ShouldStartWith($"HomeUnreadable: {Path.Combine(folder.Folder, name)}");
    }

    [Fact]
    public void A_home_that_is_not_there_is_empty() => Look(Home().WindowFolders()).Folders.ShouldBeEmpty();

    [Fact]
    public void A_journal_nobody_may_read_is_named()
    {
        var path = folder.Write("journal.jsonl", "");
        Close("journal.jsonl");

        Refused(() => JournalVerification.Verify(path)).ShouldStartWith($"JournalUnreadable: The journal {path} could not be read: ");
    }

    private DeploymentHome Home() => new(Path.Combine(folder.Folder, "home"));

    private static HomeWindows Look(HomeWindows found) => found.Unreadable.Count == 0 ? found : throw found.Unreadable[0];

    private PlanReading Read() => new PlanReader(new SmallSyntax(), new SecretSource(_ => null), folder.Redactor).Read(folder.PlanPath);

    private static string Refused<T>(Func<T> work)
    {
        var error = Should.Throw<DeployOpsException>(() => Nobody.Run(work));
        return $"{error.ErrorId}: {error.Message}";
    }

    private void Close(string name)
    {
        closed.Add(Path.Combine(folder.Folder, name));
        SetMode(closed[^1], UnixFileMode.None);
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
#pragma warning disable CA1416 // Skipped elsewhere in the constructor.
        File.SetUnixFileMode(path, mode);
#pragma warning restore CA1416
    }
}
