using System.Management.Automation;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Help;

/// <summary>What Get-Help says of every cmdlet.</summary>
[Collection(EngineCollection.Name)]
public sealed class ModuleHelpTests
{
    [Fact]
    public void Every_cmdlet_has_a_synopsis_a_description_two_examples_and_a_word_on_each_parameter()
    {
        using var engine = new EngineHost();
        var commands = engine.Invoke("Get-Command -Module DeployOps").Clean().Output.Select(command => (CmdletInfo)command.BaseObject).ToList();

        var flaws = commands.SelectMany(command => Flaws(engine, command)).ToList();

        commands.Count.ShouldBeGreaterThan(10);
        flaws.ShouldBeEmpty();
    }

    [Fact]
    public void Every_example_parses_and_names_only_what_is_there()
    {
        using var engine = new EngineHost();

        var unknown = engine.Invoke("""
            foreach ($command in Get-Command -Module DeployOps) {
                foreach ($example in (Get-Help $command.Name -Full).examples.example) {
                    $errors = $null
                    $tree = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $errors)
                    foreach ($fault in $errors) { "$($command.Name): $fault" }
                    foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                        $called = Get-Command $call.GetCommandName() -ErrorAction Ignore
                        if (-not $called) { "$($command.Name): $($call.GetCommandName())"; continue }
                        foreach ($part in $call.CommandElements) {
                            if ($part -is [System.Management.Automation.Language.CommandParameterAst] -and $called.CommandType -eq 'Cmdlet' -and -not $called.ResolveParameter($part.ParameterName)) { "$($command.Name): $($part)" }
                        }
                    }
                }
            }
            """).Output.Select(output => output.ToString()).ToList();

        unknown.ShouldBeEmpty();
    }

    private static IEnumerable<string> Flaws(EngineHost engine, CmdletInfo command)
    {
        var told = engine.Invoke("""
            param($Name)
            $help = Get-Help $Name -Full
            "synopsis=$($help.Synopsis)"
            "description=$($help.description.Text)"
            foreach ($example in $help.examples.example) { "example=$($example.code)" }
            foreach ($parameter in $help.parameters.parameter) { "-$($parameter.name)=$($parameter.description.Text)" }
            """, ("Name", command.Name)).Clean().Output.Select(output => output.ToString().Split('=', 2)).ToLookup(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);

        if (told["synopsis"].Single().Length == 0 || told["synopsis"].Single().Contains('['))
        {
            yield return $"{command.Name} has no synopsis";
        }

        if (told["description"].Single().Length == 0)
        {
            yield return $"{command.Name} has no description";
        }

        if (told["example"].Count(example => example.Length > 0) < 2)
        {
            yield return $"{command.Name} has less than two examples";
        }

        var common = Cmdlet.CommonParameters.Concat(Cmdlet.OptionalCommonParameters);
        foreach (var parameter in command.Parameters.Keys.Except(common, StringComparer.OrdinalIgnoreCase))
        {
            if (told[$"-{parameter}"].All(text => text.Length == 0))
            {
                yield return $"{command.Name} -{parameter} has no text";
            }
        }
    }
}
