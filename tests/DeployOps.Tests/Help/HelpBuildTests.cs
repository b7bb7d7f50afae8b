using System.Xml.Linq;
using DeployOps.Help;
using DeployOps.Tests.Host;

namespace DeployOps.Tests.Help;

public sealed class HelpBuildTests : IDisposable
{
    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Get_Help_shows_what_the_doc_comments_say()
    {
        var script = WriteSampleModule(Comments());

        var help = await HostProcess.RunAsync(script, "Get-Help Show-HelpSample -Full");

        help.Error.ShouldBeEmpty();
        var text = string.Join(' ', help.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        text.ShouldContain("SYNOPSIS Shows a sample.");
        text.ShouldContain("Show-HelpSample [-Name] <String> [-Duration <TimeSpan>] [-Day {Sunday | Monday");
        text.ShouldContain("[-Place <String>] [-WhatIf] [-Confirm] [<CommonParameters>]");
        text.ShouldContain("DESCRIPTION Goes first to Place. Then returns.");
        text.ShouldContain("-Name <String> The sample's name. Required? true Position? 0");
        text.ShouldContain("-Place <String> Where it lies. Required? false Position? named Default value here Accept pipeline input? True (ByPropertyName)");
        text.ShouldContain("-Sample <Uri[]> The sample itself. Required? true");
        text.ShouldContain("Show-HelpSample here | Where-Object Length -gt 3 Shows what is here.");
        text.ShouldContain("OUTPUTS System.String");
        help.Output.ShouldContain("\n        Where-Object Length");
    }

    [Fact]
    public void A_cmdlet_or_parameter_without_a_comment_is_named()
    {
        var comments = Comments();
        comments.Descendants("member").Where(member =>
            member.Attribute("name")!.Value is "T:DeployOps.Tests.Help.ShowHelpSampleCommand" or "P:DeployOps.Tests.Help.HelpSampleBase.Place").Remove();

        var missing = MissingComments.Find(Sample(), new DocComments(comments));

        missing.ShouldBe([
            "Show-HelpSample (DeployOps.Tests.Help.ShowHelpSampleCommand)",
            "Show-HelpSample -Place (DeployOps.Tests.Help.HelpSampleBase)"], ignoreOrder: true);
    }

    [Fact]
    public async Task Every_exported_command_has_its_help_in_the_engine()
    {
        var script = _folder.Write("x.ps1", """
            Get-Command -Module DeployOps | ForEach-Object {
                $help = Get-Help $_.Name -Full
                if (-not "$($help.description.Text)" -and $help.Synopsis -like "*$($_.Name)*[[]*") { "$($_.Name) has only its syntax" }
            }
            'asked'
            """);

        var result = await HostProcess.RunAsync(script);

        result.Lines.ShouldBe(["asked"]);
    }

    private static IReadOnlyList<CommandDoc> Sample() =>
        CommandCatalog.Read(typeof(ShowHelpSampleCommand).Assembly).Where(command => command.Name == "Show-HelpSample").ToList();

    private static XDocument Comments() =>
        XDocument.Load(Path.ChangeExtension(typeof(ShowHelpSampleCommand).Assembly.Location, ".xml"), LoadOptions.PreserveWhitespace);

    // A module of one cmdlet, laid out as DeployOps is: the manifest at the root, the assembly below, the help in en-US.
    private string WriteSampleModule(XDocument comments)
    {
        var assembly = typeof(ShowHelpSampleCommand).Assembly.Location;
        var root = Directory.CreateDirectory(_folder.PathOf("Sample")).FullName;
        File.WriteAllText(Path.Combine(root, "Sample.psd1"), $"@{{ RootModule = '{assembly}'; ModuleVersion = '1.0'; CmdletsToExport = '*' }}");
        Directory.CreateDirectory(Path.Combine(root, "en-US"));
        MamlWriter.Write(Sample(), new DocComments(comments)).Save(Path.Combine(root, "en-US", Path.GetFileName(assembly) + "-Help.xml"));
        return _folder.Write("help.ps1", $"param($Command) Import-Module '{root}/Sample.psd1'; & ([scriptblock]::Create($Command))");
    }
}
