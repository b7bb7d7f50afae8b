using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace DeployOps.Host;

/// <summary>Says an error in few lines: what, where in the script, and its id.</summary>
internal static class ErrorText
{
    private const string Red = "\u001b[31;1m";
    private const string Grey = "\u001b[90m";
    private const string Reset = "\u001b[0m";

    /// <summary>The lines for the error that ended a script, coloured: for one that does not parse, each mistake.</summary>
    public static string Format(RuntimeException exception) =>
        Mistakes(exception) is { Length: > 0 } mistakes ? Format(mistakes) : Format(exception.ErrorRecord);

    /// <summary>The lines for one error, coloured.</summary>
    public static string Format(ErrorRecord error) => Mistakes(error.Exception) is { Length: > 0 } mistakes
        ? Format(mistakes)
        : Format(Message(error), Where(error.InvocationInfo) ?? Caller(error.ScriptStackTrace), error.FullyQualifiedErrorId);

    private static string Format(ParseError[] mistakes) =>
        string.Join('\n', mistakes.Select(each => Format(each.Message, Where(each), each.ErrorId)));

    private static string Format(string message, string? where, string id)
    {
        var text = new StringBuilder($"{Red}error: {message.TrimEnd()}{Reset}");
        if (where is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {Grey}at {where}{Reset}");
        }

        // What a script threw as text is its own id.
        if (id.Length > 0 && !id.Equals(message, StringComparison.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {Grey}id {id}{Reset}");
        }

        return text.ToString();
    }

    private static ParseError[]? Mistakes(Exception exception) =>
        ((exception as ParseException) ?? (exception.InnerException as ParseException))?.Errors;

    private static string Message(ErrorRecord error)
    {
        var details = error.ErrorDetails;
        var message = string.IsNullOrEmpty(details?.Message) ? error.Exception.Message : details.Message;
        return string.IsNullOrEmpty(details?.RecommendedAction) || message.Contains(details.RecommendedAction, StringComparison.Ordinal) ? message : $"{message} {details.RecommendedAction}";
    }

    private static string? Where(ParseError mistake) =>
        Where(mistake.Extent.File, mistake.Extent.StartLineNumber, mistake.Extent.StartScriptPosition.Line);

    private static string? Where(InvocationInfo? invocation) =>
        invocation is null ? null : Where(invocation.ScriptName, invocation.ScriptLineNumber, invocation.Line);

    // Where a function without a file failed, its caller in the script is the line to look at: "at f, /x/release.ps1: line 5".
    private static string? Caller(string? stackTrace) => stackTrace?.Split('\n')
        .Where(frame => frame.Contains(".ps1: ", StringComparison.OrdinalIgnoreCase))
        .Select(frame => frame[(frame.IndexOf(", ", StringComparison.Ordinal) + 2)..].Trim().Replace(": line ", ":", StringComparison.Ordinal))
        .FirstOrDefault();

    private static string? Where(string? script, int line, string? text) =>
        string.IsNullOrEmpty(script) ? null : $"{script}:{line.ToString(CultureInfo.InvariantCulture)}  {text?.Trim()}".TrimEnd();
}
