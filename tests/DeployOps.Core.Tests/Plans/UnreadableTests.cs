using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Secrets;
using DeployOps.Windows;

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

    [Fact]
    public void A_home_nobody_may_look_into_is_not_taken_for_an_empty_one()
    {
        Directory.CreateDirectory(Path.Combine(folder.Folder, "home/shop/production/windows"));
        Close("home/shop");

        var said = Refused(() => new DeploymentHome(Path.Combine(folder.Folder, "home")).WindowFolders().ToList());

        said.ShouldStartWith($"HomeUnreadable: The windows below {Path.Combine(folder.Folder, "home")} cannot be listed: ");
        said.ShouldContain("DEPLOYOPS_HOME");
    }

    [Fact]
    public void A_journal_nobody_may_read_is_named()
    {
        var path = folder.Write("journal.jsonl", "");
        Close("journal.jsonl");

        Refused(() => JournalVerification.Verify(path)).ShouldStartWith($"JournalUnreadable: The journal {path} could not be read: ");
    }

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
