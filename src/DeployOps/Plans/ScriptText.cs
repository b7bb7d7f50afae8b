using System.Management.Automation;
using System.Management.Automation.Language;

namespace DeployOps.Plans;

/// <summary>PowerShell's parser. On some texts that are no script it breaks instead of telling their mistakes; that is told as a mistake at their beginning.</summary>
internal static class ScriptText
{
    /// <summary>Reads a text; the tree is null where the parser broke.</summary>
    internal static ScriptBlockAst? Parse(string text, string? path, out ParseError[] mistakes)
    {
        try
        {
            return Parser.ParseInput(text, path, out _, out mistakes);
        }
        catch (ParseException e)
        {
            var start = new ScriptPosition(path, 1, 1, "");
            mistakes = [new ParseError(new ScriptExtent(start, start), "ParserBroke", $"PowerShell cannot read this text at all: {e.Message}")];
            return null;
        }
    }
}
