using System.Globalization;
using System.Text;
using System.Xml;

namespace DeployOps.Checks;

/// <summary>Checks as XML in the form that JUnit's writers have and CI servers read: suites, and in each its cases with what speaks against them.</summary>
internal static class JUnitPage
{
    /// <summary>What tells such a file from every other: it stands near its beginning.</summary>
    internal const string Generator = "<testsuites name=\"DeployOps\"";

    private static readonly XmlWriterSettings Form = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.Replace };

    /// <summary>Writes them. The same checks at the same time give the same bytes.</summary>
    internal static byte[] Render(IReadOnlyList<CheckCase> cases, DateTimeOffset now)
    {
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, Form))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "DeployOps");
            WriteNumbers(xml, cases);
            foreach (var suite in cases.GroupBy(one => one.Suite, StringComparer.Ordinal))
            {
                WriteSuite(xml, suite.Key, [.. suite], now);
            }

            xml.WriteEndElement();
        }

        return bytes.ToArray();
    }

    private static void WriteSuite(XmlWriter xml, string name, IReadOnlyList<CheckCase> cases, DateTimeOffset now)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", CheckText.Line(name));
        WriteNumbers(xml, cases);
        xml.WriteAttributeString("skipped", Count(cases, CheckState.Skipped));
        xml.WriteAttributeString("timestamp", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        foreach (var one in cases)
        {
            WriteCase(xml, one);
        }

        xml.WriteEndElement();
    }

    private static void WriteCase(XmlWriter xml, CheckCase one)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", CheckText.Line(one.Group));
        xml.WriteAttributeString("name", CheckText.Line(one.Name));
        xml.WriteAttributeString("time", Seconds(one.Duration));
        if (one.State == CheckState.Passed && one.Message.Length > 0)
        {
            xml.WriteElementString("system-out", CheckText.Clean($"{one.Message}\n{one.Details}"));
        }
        else if (one.State != CheckState.Passed)
        {
            xml.WriteStartElement(one.State switch { CheckState.Failed => "failure", CheckState.Error => "error", _ => "skipped" });
            xml.WriteAttributeString("message", CheckText.Line(one.Message));
            if (one.State != CheckState.Skipped)
            {
                xml.WriteAttributeString("type", CheckText.Line(one.Suite));
                xml.WriteString(CheckText.Clean(one.Details));
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteNumbers(XmlWriter xml, IReadOnlyList<CheckCase> cases)
    {
        xml.WriteAttributeString("tests", cases.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", Count(cases, CheckState.Failed));
        xml.WriteAttributeString("errors", Count(cases, CheckState.Error));
        xml.WriteAttributeString("time", Seconds(TimeSpan.FromTicks(cases.Sum(one => one.Duration.Ticks))));
    }

    private static string Count(IEnumerable<CheckCase> cases, CheckState state) => cases.Count(one => one.State == state).ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
