using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace DeployOps.Host;

/// <summary>Says an error in few lines: what, where in the script, and its id.</summary>
internal static class ErrorText
{
    private const string Red = "\u001b[31;1m";
    private const string Grey = "\u001b[90m";
    private const string Reset = "\u001b[0m";

    /// <summary>The lines for one error, each with its end. A script that does not parse has an error a mistake.</summary>
    public static string Format(ErrorRecord error, bool colour)
    {
        return error.Exception is ParseException { Errors.Length: > 0 } parse
            ? string.Concat(parse.Errors.Select(each => Format(each.Message, Where(each), each.ErrorId, colour)))
            : Format(Message(error), Where(error.InvocationInfo), error.FullyQualifiedErrorId, colour);
    }

    private static string Format(string message, string? where, string id, bool colour)
    {
        var (red, grey, reset) = colour ? (Red, Grey, Reset) : (string.Empty, string.Empty, string.Empty);
        var text = new StringBuilder($"{red}error: {message.TrimEnd()}{reset}\n");
        if (where is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {grey}at {where}{reset}\n");
        }

        // What a script threw as text is its own id.
        if (id.Length > 0 && !id.Equals(message, StringComparison.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {grey}id {id}{reset}\n");
        }

        return text.ToString();
    }

    private static string Message(ErrorRecord error)
    {
        var details = error.ErrorDetails;
        var message = string.IsNullOrEmpty(details?.Message) ? error.Exception.Message : details.Message;
        return string.IsNullOrEmpty(details?.RecommendedAction) ? message : $"{message} {details.RecommendedAction}";
    }

    private static string? Where(System.Management.Automation.Language.ParseError mistake) =>
        Where(mistake.Extent.File, mistake.Extent.StartLineNumber, mistake.Extent.StartScriptPosition.Line);

    private static string? Where(InvocationInfo? invocation) =>
        invocation is null ? null : Where(invocation.ScriptName, invocation.ScriptLineNumber, invocation.Line);

    private static string? Where(string? script, int line, string? text) =>
        string.IsNullOrEmpty(script) ? null : $"{script}:{line.ToString(CultureInfo.InvariantCulture)}  {text?.Trim()}".TrimEnd();
}
