using System.Xml;
using System.Xml.Linq;

namespace DeployOps.CheckIns.Schedulers;

/// <summary>A task of Windows' Task Scheduler, as <c>schtasks /Create /XML</c> takes it. Pure.</summary>
internal static class TaskXml
{
    private static readonly XNamespace Task = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    internal static string Of(ScheduledCheckIn schedule)
    {
        // The command of a task has no environment of its own.
        var set = string.Concat(schedule.Command.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"set \"{pair.Key}={pair.Value}\" && "));
        var command = string.Join(' ', schedule.Command.Words.Select(word => $"\"{word}\""));
        var document = new XDocument(
            new XDeclaration("1.0", "UTF-16", null),
            new XElement(
                Task + "Task",
                new XAttribute("version", "1.2"),
                new XElement(Task + "RegistrationInfo", new XElement(Task + "Description", $"DeployOps check-ins of {schedule.Window}")),
                new XElement(
                    Task + "Triggers",
                    new XElement(
                        Task + "TimeTrigger",
                        new XElement(Task + "Repetition", new XElement(Task + "Interval", XmlConvert.ToString(schedule.Every))),
                        new XElement(Task + "StartBoundary", (schedule.From + schedule.Every).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)))),
                new XElement(
                    Task + "Settings",
                    new XElement(Task + "MultipleInstancesPolicy", "IgnoreNew"),
                    // What is left out is true: a server on its battery is looked after all the same.
                    new XElement(Task + "DisallowStartIfOnBatteries", "false"),
                    new XElement(Task + "StopIfGoingOnBatteries", "false"),
                    new XElement(Task + "StartWhenAvailable", "true"),
                    new XElement(Task + "ExecutionTimeLimit", XmlConvert.ToString(schedule.Every))),
                new XElement(
                    Task + "Actions",
                    new XElement(Task + "Exec", new XElement(Task + "Command", "cmd.exe"), new XElement(Task + "Arguments", $"/d /s /c \"{set}{command}\"")))));

        return $"{document.Declaration}{Environment.NewLine}{document}";
    }
}
