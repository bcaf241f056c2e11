<?php

// PHP: requires a script's file and calls its main().
//
// Runs inside the cell, with nothing but PHP. The request and the answer are written down in
// runtimes/base.py. Arguments go to the parameters of main by name, in the types that it declares:
// an object becomes an array where no object is asked for, a text a date, a value the case of an
// enum. The script is required here, outside of any function, so that its globals are global.

namespace WindmillLite;

final class NotJsonError extends \TypeError {}
final class MainNotFoundError extends \Error {}

final class Run
{
    private const TEXT_MAX = 20_000; // bytes of a message or a stack
    private const FATAL = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR;
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION
        | JSON_INVALID_UTF8_SUBSTITUTE;

    public static object $order;
    private static string $home;
    private static bool $answered = false;

    public static function begin(): void
    {
        self::$home = getcwd() . '/';
        self::$order = json_decode(stream_get_contents(STDIN), false, 4096, JSON_BIGINT_AS_STRING);
        register_shutdown_function(self::ended(...));
    }

    public static function main(): void
    {
        self::answer('+', self::encode(self::told(self::call(self::entry()))));
    }

    private static function entry(): \ReflectionFunction
    {
        $wanted = strtolower(self::$order->entry);
        foreach (get_defined_functions()['user'] as $name) {
            if ($name === $wanted || str_ends_with($name, '\\' . $wanted)) {
                return new \ReflectionFunction($name);
            }
        }
        throw new MainNotFoundError(self::$order->path . " has no function named $wanted");
    }

    private static function call(\ReflectionFunction $function): mixed
    {
        $given = (array) self::$order->args;
        $args = [];
        foreach ($function->getParameters() as $parameter) {
            $name = $parameter->getName();
            $there = array_key_exists($name, $given) && $given[$name] !== '<function call>';
            if ($parameter->isVariadic()) {
                $rest = $there ? (array) $given[$name] : [];
                array_push($args, ...array_map(fn ($one) => self::fit($one, $parameter->getType()), array_values($rest)));
            } elseif ($there) {
                $args[] = self::fit($given[$name], $parameter->getType());
            } elseif ($parameter->isDefaultValueAvailable()) {
                $args[] = $parameter->getDefaultValue();
            } elseif ($parameter->allowsNull()) {
                $args[] = null;
            } else {
                throw new \ArgumentCountError("{$function->getShortName()} needs an argument $name");
            }
        }
        return $function->invokeArgs($args);
    }

    /** A value of JSON as the first type that it can be. */
    private static function fit(mixed $value, ?\ReflectionType $type): mixed
    {
        $types = $type instanceof \ReflectionNamedType ? [$type] : ($type?->getTypes() ?? []);
        foreach ($types as $one) {
            $name = $one instanceof \ReflectionNamedType ? $one->getName() : '';
            if (is_object($value) && in_array($name, ['object', \stdClass::class], true)) {
                return $value;
            }
            if (is_string($value) && is_a($name, \DateTimeInterface::class, true)) {
                return $name === \DateTime::class ? new \DateTime($value) : new \DateTimeImmutable($value);
            }
            if ((is_string($value) || is_int($value)) && is_a($name, \UnitEnum::class, true)) {
                return is_a($name, \BackedEnum::class, true) ? $name::from($value) : constant("$name::$value");
            }
            if (is_object($value) && class_exists($name)) {
                return self::made($name, $value);
            }
        }
        return self::plain($value);
    }

    /** An object of a class of the script, by its constructor or property by property. */
    private static function made(string $class, object $value): object
    {
        $constructor = (new \ReflectionClass($class))->getConstructor();
        if ($constructor !== null && $constructor->getNumberOfParameters() > 0) {
            return new $class(...array_map(self::plain(...), (array) $value));
        }
        $object = new $class();
        foreach ((array) $value as $name => $part) {
            $object->$name = self::plain($part);
        }
        return $object;
    }

    /** Objects as arrays, at any depth. */
    private static function plain(mixed $value): mixed
    {
        return is_object($value) || is_array($value) ? array_map(self::plain(...), (array) $value) : $value;
    }

    /** Streams what a generator yields; what it returns, or the result itself, is left. */
    private static function told(mixed $result): mixed
    {
        if (!$result instanceof \Generator) {
            return $result;
        }
        foreach ($result as $piece) {
            $text = is_string($piece) ? $piece : self::encode($piece);
            echo 'WM_STREAM: ', str_replace("\n", '\n', $text), "\n";
        }
        return $result->getReturn();
    }

    private static function encode(mixed $value): string
    {
        $text = json_encode(self::jsonable($value), self::FLAGS, 4096);
        if ($text === false) {
            throw new NotJsonError('the result cannot be written as JSON: ' . json_last_error_msg());
        }
        return $text;
    }

    private static function jsonable(mixed $value): mixed
    {
        return match (true) {
            is_array($value) => array_map(self::jsonable(...), $value),
            is_float($value) => is_finite($value) ? $value : null,
            $value instanceof \DateTimeInterface => $value->format(DATE_RFC3339_EXTENDED),
            $value instanceof \Traversable => self::jsonable(iterator_to_array($value)),
            $value instanceof \Closure, is_resource($value) => throw new NotJsonError(
                'a ' . get_debug_type($value) . ' in the result cannot be written as JSON'
            ),
            default => $value,
        };
    }

    public static function fail(\Throwable $thrown): void
    {
        $error = self::error(get_class($thrown), $thrown->getMessage(), self::stack($thrown));
        self::answer('-', json_encode($error, self::FLAGS));
    }

    private static function error(string $class, string $message, string $stack): array
    {
        $name = substr($class, (int) strrpos("\\$class", '\\'));
        if ($name === 'ParseError') {
            $name = 'SyntaxError';
        }
        return ['name' => $name, 'message' => self::cut($message), 'stack' => self::cut($stack)];
    }

    /** The lines of the script and of nothing else. */
    private static function stack(\Throwable $thrown): string
    {
        $lines = [get_class($thrown) . ': ' . $thrown->getMessage()];
        $at = [$thrown->getFile(), $thrown->getLine()];
        foreach ([...$thrown->getTrace(), []] as $frame) {
            if (str_starts_with((string) $at[0], self::$home) && $at[0] !== __FILE__) {
                $inside = ($frame['class'] ?? '') . ($frame['type'] ?? '') . ($frame['function'] ?? '');
                $inside = in_array($inside, ['', 'require', 'include'], true) ? '{main}' : $inside;
                $lines[] = "    at $inside ({$at[0]}:{$at[1]})";
            }
            $at = [$frame['file'] ?? '', $frame['line'] ?? 0];
        }
        $before = $thrown->getPrevious();
        return implode("\n", $lines) . ($before === null ? '' : "\nCaused by " . self::stack($before));
    }

    private static function cut(string $text): string
    {
        $text = str_replace(self::$home, '', $text);
        return strlen($text) <= self::TEXT_MAX ? $text : substr($text, 0, self::TEXT_MAX) . '...';
    }

    /** What ends PHP without an exception; a script that ends it itself has no answer. */
    private static function ended(): void
    {
        $last = error_get_last();
        if (self::$answered || $last === null || !($last['type'] & self::FATAL)) {
            return;
        }
        ini_set('memory_limit', '-1');
        $room = str_starts_with($last['message'], 'Allowed memory size') || str_starts_with($last['message'], 'Out of memory');
        $stack = "    at {main} ({$last['file']}:{$last['line']})";
        $error = self::error($room ? 'MemoryError' : 'FatalError', $room ? '' : $last['message'], $stack);
        self::answer('-', json_encode($error, self::FLAGS));
    }

    private static function answer(string $mark, string $json): void
    {
        self::$answered = true;
        while (ob_get_level() > 0) {
            ob_end_flush();
        }
        $out = fopen('php://fd/4', 'w');
        for ($bytes = $mark . $json; $bytes !== ''; $bytes = substr($bytes, $count)) {
            $count = fwrite($out, $bytes);
            if ($count === false) {
                exit(1);
            }
        }
        exit(0);
    }
}

try {
    Run::begin();
    require Run::$order->path;
    Run::main();
} catch (\Throwable $thrown) {
    Run::fail($thrown);
}
