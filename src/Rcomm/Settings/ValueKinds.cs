using System.Net;
using Microsoft.Extensions.Logging;
using Rcomm.Http.AccessLogging;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Proxy;

namespace Rcomm.Settings;

/// <summary>The kinds of values that settings have.</summary>
internal static class ValueKinds
{
    public static readonly ValueKind<bool> Switch = new("on|off", SettingParsers.Switch) { IsSwitch = true, Choices = ["on", "off"] };

    public static readonly ValueKind<string> Text = new("<TEXT>", text => text);

    public static readonly ValueKind<string> HeaderValue = new("<VALUE>", SettingParsers.HeaderValue);

    public static readonly ValueKind<string> UrlPath = new("<PATH>", SettingParsers.UrlPath);

    public static readonly ValueKind<string> File = new("<FILE>", text => text == "" ? "" : SettingParsers.FullPath(text)) { Path = PathKind.File };

    public static readonly ValueKind<string> Folder = new("<FOLDER>", SettingParsers.FullPath) { Path = PathKind.Folder };

    public static readonly ValueKind<IReadOnlyList<string>> Names = new("<NAME>,...", SettingParsers.List) { IsList = true };

    public static readonly ValueKind<IReadOnlyList<string>> Files = new("<FILE>,...", SettingParsers.List) { Path = PathKind.File, IsList = true };

    public static readonly ValueKind<UnixFileMode> FileMode = new("<MODE>", SettingParsers.FileMode);

    public static readonly ValueKind<TimeSpan> Time = new("<TIME>", SettingParsers.Wait) { IsNumeric = true };

    public static readonly ValueKind<TimeSpan?> TimeOrNone = new("<TIME>", text => text == "" ? null : SettingParsers.Time(text)) { IsNumeric = true };

    public static readonly ValueKind<TimeSpan> WholeSeconds = new("<TIME>", SettingParsers.WholeSeconds) { IsNumeric = true };

    public static readonly ValueKind<TimeSpan?> WholeSecondsOrNone =
        new("<TIME>", text => text == "" ? null : SettingParsers.WholeSeconds(text)) { IsNumeric = true };

    public static readonly ValueKind<int> Size = new("<SIZE>", SettingParsers.Size) { IsNumeric = true };

    public static readonly ValueKind<int?> SizeOrNone = new("<SIZE>", text => text == "" ? null : SettingParsers.Size(text)) { IsNumeric = true };

    public static readonly ValueKind<Backlog> Backlog = new("<N>|max|auto", SettingParsers.Backlog) { Choices = ["max", "auto"], IsNumeric = true };

    public static readonly ValueKind<AcceptMethod> Accept =
        new("auto|io_uring|accept4", SettingParsers.Accept) { Choices = [.. Enum.GetValues<AcceptMethod>().Select(AcceptMethods.NameOf)], IsClosed = true };

    public static readonly ValueKind<ShardCount> Shards = new("<N>|auto", SettingParsers.Shards) { Choices = ["auto"], IsNumeric = true };

    public static readonly ValueKind<string> Host = new("<ADDRESS>", SettingParsers.Host);

    public static readonly ValueKind<IReadOnlyList<ListenAddress>> Addresses = new("<ADDRESS>,...", SettingParsers.Addresses) { IsList = true };

    public static readonly ValueKind<ListenAddress?> SocketPath = new("<PATH>", SettingParsers.SocketPath) { Path = PathKind.File };

    public static readonly ValueKind<IReadOnlyList<UpstreamAddress>> Upstreams = new("<URL>,...", SettingParsers.Upstreams) { IsList = true };

    public static readonly ValueKind<Version> UpstreamHttp = new("1.1|2", SettingParsers.UpstreamHttp) { Choices = ["1.1", "2"], IsClosed = true };

    public static readonly ValueKind<string> Pseudonym = new("<NAME>|off", SettingParsers.Pseudonym) { Choices = ["off"] };

    public static readonly ValueKind<IReadOnlyList<string>> Origins = new("<ORIGIN>,...", SettingParsers.Origins) { IsList = true };

    public static readonly ValueKind<IReadOnlyList<IPNetwork>> Networks = new("<NETWORK>,...", SettingParsers.Networks) { IsList = true };

    public static readonly ValueKind<LogLevel> Level =
        new("debug|info|warning|error", SettingParsers.Level) { Choices = ["debug", "info", "warning", "error"], IsClosed = true };

    public static readonly ValueKind<AccessLogTarget> AccessLog =
        new("on|off|<FILE>", SettingParsers.AccessLog) { IsSwitch = true, Choices = ["on", "off"], Path = PathKind.File };

    /// <summary>A whole number; <c>1k</c> is 1024.</summary>
    public static ValueKind<int> Number(int min, int max) => new("<N>", SettingParsers.Number(min, max)) { Range = (min, max) };

    /// <inheritdoc cref="Number"/>
    public static ValueKind<int?> NumberOrNone(int min, int max) =>
        new("<N>", text => text == "" ? null : SettingParsers.Number(min, max)(text)) { Range = (min, max) };

    /// <summary>One of an enum's names.</summary>
    public static ValueKind<T> OneOf<T>() where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
        return new(string.Join('|', names), SettingParsers.OneOf<T>) { Choices = names, IsClosed = true };
    }
}
